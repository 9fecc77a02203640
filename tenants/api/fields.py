"""How a column looks in JSON: one field per kind of column, the same for reading, writing and filtering."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from django.conf import settings
from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.fields import StoredBeginning
from tenants.models import OrgModel

# An index holds no row of more than about 2,700 bytes; a letter takes up to four.
LONGEST_INDEXED = 300
LONGEST_TEXT = 10_000
# Kept by the database, for the database: searching, deleting, secrets.
HIDDEN = {
    "deleted_at",
    "deletion_id",
    "secret_hash",
    "token_hash",
    "slug_skeleton",
    "transaction_id",
    "vault_secret_id",
    "held_by",
    "was_suspended",
}
Column: TypeAlias = "models.Field[Any, Any]"


class TextField(serializers.CharField):
    """A text; a number or a truth is none, though it could be written as one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


@extend_schema_field({"type": "object", "additionalProperties": {}})
class ObjectField(serializers.JSONField):
    """A JSON object: what is neither a list nor a bare value."""

    default_error_messages = {"object": "This must be an object."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("object")
        return super().to_internal_value(data)


class IdField(serializers.UUIDField):
    """An id as text; a number is none, though it could be read as one."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


@cache
def columns_of(model: type[models.Model]) -> tuple[Column, ...]:
    """The columns that are shown, in the order of the model, times last."""
    shown = [f for f in model._meta.concrete_fields if not is_hidden(f)]
    first = ("id", "org_id")
    last = ("created_at", "updated_at")
    rank = {**{name: -2 + i for i, name in enumerate(first)}, **{name: 1000 + i for i, name in enumerate(last)}}
    return tuple(sorted(shown, key=lambda f: rank.get(f.attname, 0)))


def is_hidden(column: Column) -> bool:
    return column.name in HIDDEN or isinstance(column, models.GeneratedField | StoredBeginning)


def is_writable(column: Column) -> bool:
    """Whether a client may say it: not keys, the organization, times and what triggers keep."""
    return column.editable and not column.primary_key and column.attname != "org_id"


def is_person(column: Column) -> bool:
    """Whether the column points to a person."""
    return column.is_relation and column.related_model._meta.label == settings.AUTH_USER_MODEL  # type: ignore[union-attr]


def is_indexed(column: Column) -> bool:
    """Whether an index, or a stored copy that has one, holds the text."""
    meta = column.model._meta
    names = {name.lstrip("-") for index in meta.indexes for name in index.fields}
    # Those are cut to fit, whatever the text.
    names -= {f.name for f in meta.concrete_fields if isinstance(f, StoredBeginning)}
    names |= {name for c in meta.constraints if isinstance(c, models.UniqueConstraint) for name in c.fields}
    return bool({column.name, f"{column.name}_lower"} & names) or column.unique


def field_for(column: Column, **options: Any) -> Any:
    """The field of one column."""
    if "read_only" not in options:
        options = {"allow_null": column.null, **options}
    options.setdefault("help_text", column.db_comment or None)
    if column.choices:
        return serializers.ChoiceField(choices=column.choices, **options)
    return next((make(column, options) for kind, make in KINDS if isinstance(column, kind)), None) or _text(
        column, options
    )


def _text(column: Any, options: dict[str, Any]) -> Any:
    longest = LONGEST_INDEXED if is_indexed(column) else LONGEST_TEXT
    return TextField(max_length=longest, allow_blank=column.blank, **options)


class EmailField(serializers.EmailField, TextField):
    """An e-mail address."""


def _email(column: Any, options: dict[str, Any]) -> Any:
    return EmailField(max_length=column.max_length, allow_blank=column.blank, **options)


def _decimal(column: Any, options: dict[str, Any]) -> Any:
    least = 0 if column.name.startswith("cost") else None
    return serializers.DecimalField(column.max_digits, column.decimal_places, min_value=least, **options)


def _count(column: Any, options: dict[str, Any]) -> Any:
    return serializers.IntegerField(min_value=0, max_value=2**31 - 1, **options)


# The first kind that fits makes the field; whatever fits none is a text.
KINDS: list[tuple[Any, Callable[[Any, dict[str, Any]], Any]]] = [
    ((models.UUIDField, models.ForeignKey), lambda column, options: IdField(**options)),
    (models.EmailField, _email),
    (models.DecimalField, _decimal),
    (models.DateTimeField, lambda column, options: serializers.DateTimeField(**options)),
    (models.DateField, lambda column, options: serializers.DateField(**options)),
    (models.BooleanField, lambda column, options: serializers.BooleanField(**options)),
    (models.JSONField, lambda column, options: ObjectField(**options)),
    (models.PositiveIntegerField, _count),
]


def write_field(column: Column) -> Any:
    """For a body: what the model or the database fills in need not be said."""
    optional = column.has_default() or column.null or column.blank
    return field_for(column, required=not optional)


def make_serializer(name: str, fields: dict[str, Any], doc: str) -> type[serializers.Serializer[Any]]:
    """A serializer class of these fields; its name is the schema's."""
    return type(name, (serializers.Serializer,), {**fields, "__doc__": doc})


def reading_serializer(model: type[models.Model], name: str = "") -> type[serializers.Serializer[Any]]:
    """What is shown of a row: for the schema, and to be held against what `.values()` gives."""
    fields = {c.attname: field_for(c, read_only=True, allow_null=c.null) for c in columns_of(model)}
    return make_serializer(name or model.__name__, fields, model.__doc__ or "")


def writing_serializer(
    model: type[OrgModel], *, without: tuple[str, ...] = (), suffix: str = "Write"
) -> type[serializers.Serializer[Any]]:
    """What a body may say of a row."""
    columns = [c for c in columns_of(model) if is_writable(c) and c.attname not in without]
    fields = {c.attname: write_field(c) for c in columns}
    return make_serializer(f"{model.__name__}{suffix}", fields, f"{model.__doc__}")
