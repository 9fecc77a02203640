"""Fields of org models."""

from typing import Any

from django.db import models
from django.db.models.expressions import Col
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.db.models.lookups import Exact

from tenants.lookups import SameOrgExact, SameOrgIn


class SameOrgDescriptor(ForwardManyToOneDescriptor):  # type: ignore[type-arg]
    """`store.workspace`, prefetched by the pair of organization and id."""

    def get_prefetch_querysets(self, instances: Any, querysets: Any = None) -> tuple[Any, ...]:
        field: Any = self.field
        given: Any = querysets[0] if querysets else field.related_model._base_manager.all()
        rows = given.filter(
            pk__in={getattr(i, field.attname) for i in instances}, org__in={i.org_id for i in instances}
        )
        by_pair = (field.get_foreign_related_value, field.get_local_related_value)
        return rows, *by_pair, True, field.cache_name, False


class OrgForeignKey(models.ForeignKey[Any, Any]):
    """A foreign key between two org tables: every join and every access carries the organization along."""

    forward_related_accessor_class = SameOrgDescriptor

    def __init__(self, to: Any, on_delete: Any, *, in_database: str = "", **kwargs: Any) -> None:
        # What the database does, where Django is told to do nothing: SET NULL, CASCADE.
        self.in_database = in_database
        # The database key and its index are pairs with org_id: a constraint and an index of the model make them.
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs.pop("db_index", None)
        if self.in_database:
            kwargs["in_database"] = self.in_database
        return name, path, args, kwargs

    def get_extra_descriptor_filter(self, instance: Any) -> dict[str, Any]:
        return {"org_id": instance.org_id}

    def get_extra_restriction(self, alias: str, related_alias: str) -> Any:
        there: Any = self.remote_field.model._meta.get_field("org")
        here: Any = self.model._meta.get_field("org")
        uuid: models.UUIDField[Any, Any] = models.UUIDField()
        return Exact(Col(related_alias, here, uuid), Col(alias, there, uuid))

    def get_local_related_value(self, instance: Any) -> tuple[Any, ...]:
        # Prefetching matches rows by these: ids alone could name rows of two organizations.
        return (*super().get_local_related_value(instance), instance.org_id)

    def get_foreign_related_value(self, instance: Any) -> tuple[Any, ...]:
        return (*super().get_foreign_related_value(instance), instance.org_id)


OrgForeignKey.register_lookup(SameOrgExact)
OrgForeignKey.register_lookup(SameOrgIn)


class StoredBeginning(models.TextField):  # type: ignore[type-arg]
    """The beginning of another text in lower case, for searching under row-level security; a trigger keeps it.

    Where a table stands with rows that others write, a generated column would rewrite it while everybody waits.
    """

    def __init__(self, of: str, **kwargs: Any) -> None:
        self.of = of
        kwargs |= {"null": True, "editable": False}
        kwargs.setdefault("db_comment", f"For searching: {of} in lower case, its first 200 letters, kept by trigger.")
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.of, *args], {k: v for k, v in kwargs.items() if k not in ("null", "editable")}
