"""OrgModel: subclassing it is all it takes for a table to belong to organizations and to be guarded."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.db.models.signals import class_prepared

from postgres.keys import CompositeKey
from postgres.names import bound_name
from tenants.constraints import OrgGuard, same_org_key
from tenants.fields import OrgForeignKey


class Timestamps(models.Model):
    """When a row was made and last changed; the database keeps both, whoever writes."""

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class OrgModel(Timestamps):
    """A row of one organization. Attributes of a subclass say what its guard lets through."""

    access: ClassVar[str] = "business"
    redacted: ClassVar[tuple[str, ...]] = ()
    audited: ClassVar[bool] = True
    # Whether rows are ever changed; what is not has no `updated_at`.
    touched: ClassVar[bool] = True
    # Softly deleted rows, and which tables of ours go with them: (table, column that names the row).
    soft_delete: ClassVar[bool] = False
    deleted_with: ClassVar[tuple[tuple[str, str], ...]] = ()

    id = CompositeKey(columns=("org", "id"))
    # The guard makes the key in the database, named and cascading; the primary key serves as its index.
    org = models.ForeignKey(
        "tenants.Organization", models.CASCADE, db_constraint=False, db_index=False, editable=False, related_name="+"
    )

    class Meta:
        abstract = True


def org_foreign_keys(model: type[models.Model]) -> list[OrgForeignKey]:
    """The fields of a model that point to rows of the same organization."""
    return [f for f in model._meta.local_fields if isinstance(f, OrgForeignKey)]


def guard_of(model: type[models.Model]) -> OrgGuard:
    """The guard that a model's attributes ask for."""
    return OrgGuard(
        name=bound_name(f"{model._meta.db_table}_guard"),
        access=model.access,  # type: ignore[attr-defined]
        redacted=model.redacted,  # type: ignore[attr-defined]
        audited=model.audited,  # type: ignore[attr-defined]
        touched=model.touched,  # type: ignore[attr-defined]
        soft_delete=model.soft_delete,  # type: ignore[attr-defined]
        deleted_with=model.deleted_with,  # type: ignore[attr-defined]
    )


def pair_index(model: type[models.Model], field: OrgForeignKey) -> models.Index:
    """The index behind a composite foreign key."""
    name = bound_name(f"{model._meta.db_table}_{field.column}_pair", models.Index.max_name_length)
    return models.Index(fields=["org", field.name], name=name)


def serves(indexes: list[models.Index], field: OrgForeignKey) -> bool:
    """Whether an index that the model names itself begins with the pair."""
    return any(index.fields[:2] == ["org", field.name] and not index.condition for index in indexes)


def add_guard(sender: Any, **kwargs: Any) -> None:
    """Add guard, composite keys and their indexes to a concrete org model, where the autodetector sees them."""
    meta = sender._meta
    if not issubclass(sender, OrgModel) or meta.abstract or meta.proxy:
        return
    added: dict[str, list[Any]] = {
        "constraints": [guard_of(sender), *(same_org_key(sender, f) for f in org_foreign_keys(sender))],
        "indexes": [pair_index(sender, f) for f in org_foreign_keys(sender) if not serves(meta.indexes, f)],
    }
    for kind, values in added.items():
        value = [*getattr(meta, kind), *values]
        setattr(meta, kind, value)
        meta.original_attrs[kind] = value


class_prepared.connect(add_guard, dispatch_uid="tenants.models.base.add_guard")
