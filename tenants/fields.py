"""Fields of org models."""

from typing import Any

from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Exact


class OrgForeignKey(models.ForeignKey[Any, Any]):
    """A foreign key between two org tables: every join and every access carries the organization along."""

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
