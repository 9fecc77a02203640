"""Query parameters: each is known, read by the field of its column, and refused when it is not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from rest_framework import serializers

from tenants.api.fields import columns_of, field_for

PAGING = ("cursor", "page_size", "ordering", "search")
RANGED = (models.DateField, models.DecimalField, models.IntegerField)
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Filter:
    """One parameter: the lookup it means, and the field that reads it."""

    name: str
    lookup: str
    field: Any
    help: str = ""
    lowered: bool = False


@dataclass(frozen=True)
class Query:
    """What a list may be asked; made once per model."""

    filters: dict[str, Filter] = field(default_factory=dict)
    search: tuple[str, ...] = ()
    orderings: tuple[str, ...] = ("id",)

    def apply(self, rows: QuerySet[Any, Any], params: Any) -> QuerySet[Any, Any]:
        """Narrow the rows; raises a ValidationError that names each parameter that cannot be used."""
        errors: dict[str, list[str]] = {}
        found = Q()
        for name, values in params.lists():
            try:
                found &= self._condition(name, values)
            except serializers.ValidationError as error:
                errors[name] = error.detail  # type: ignore[assignment]
        if errors:
            raise serializers.ValidationError(errors)
        return rows.filter(found)

    def _condition(self, name: str, values: list[str]) -> Q:
        if name not in self.filters and name not in PAGING:
            known = ", ".join([*PAGING, *sorted(self.filters)])
            raise serializers.ValidationError([f"There is no such parameter here; there are {known}."])
        if len(values) != 1 or "\0" in values[0]:
            raise serializers.ValidationError(["Give it once, as plain text."])
        if name == "search":
            return self._search(values[0])
        if name in PAGING:
            return Q()
        one = self.filters[name]
        value = one.field.run_validation(values[0])
        return Q((one.lookup, Lower(Value(value)) if one.lowered else value))

    def _search(self, term: str) -> Q:
        if not self.search:
            raise serializers.ValidationError(["There is nothing to search here."])
        if len(term) > LONGEST_SEARCH:
            raise serializers.ValidationError([f"Search for at most {LONGEST_SEARCH} characters."])
        found = Q()
        for column in self.search:
            # Stored lower-case copies are compared as PostgreSQL lowers, not as Python does.
            stored = column.endswith("_lower")
            found |= Q((f"{column}__contains", Lower(Value(term))) if stored else (f"{column}__icontains", term))
        return found


def query_of(model: type[models.Model], search: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> Query:
    """The obvious columns of a model: values exactly, times and numbers from and to."""
    columns = [c for c in columns_of(model) if c.attname not in ("id", "org_id", *without)]
    filters = {one.name: one for column in columns for one in _filters_of(column)}
    ordered = tuple(
        c.attname for c in columns if not c.null and not c.is_relation and not isinstance(c, models.JSONField)
    )
    return Query(filters, search or stored_copies(model), ("id", *ordered))


def stored_copies(model: type[models.Model]) -> tuple[str, ...]:
    """Columns that hold a text in lower case, for searching."""
    return tuple(c.name for c in model._meta.concrete_fields if c.name.endswith("_lower"))


def _filters_of(column: Any) -> Iterator[Filter]:
    if isinstance(column, models.JSONField):
        return
    reading = field_for(column, allow_null=False)
    if isinstance(column, RANGED):
        yield Filter(f"{column.attname}_from", f"{column.attname}__gte", reading, "At least, or not before.")
        yield Filter(f"{column.attname}_to", f"{column.attname}__lte", reading, "At most, or not after.")
    elif isinstance(column, models.EmailField) and f"{column.name}_lower" in stored_copies(column.model):
        # As text, for what is no address is simply not found.
        text = serializers.CharField(max_length=254)
        yield Filter(column.attname, f"{column.name}_lower", text, "Whatever the case.", lowered=True)
    else:
        yield Filter(column.attname, column.attname, reading)
