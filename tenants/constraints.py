"""Constraints that every org model gets: its guard, and keys that cannot point into another organization."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.fields.related import resolve_relation

from postgres.backend.schema import ON_DELETE
from postgres.constraints import StatementsConstraint
from postgres.names import bound_name, quote
from postgres.rules import Rule
from tenants.access import ACCESS, OPERATIONS_ACCESS
from tenants.fields import OrgForeignKey
from tenants.guard import GuardedTable, fingerprint, guard_statements, unguard_statements


class TableGuard(StatementsConstraint):
    """The guard of one table; its fingerprint makes a changed guard a migration. Subclasses name the rules."""

    defaults: ClassVar[dict[str, Any]] = {
        "key_column": "id",
        "redacted": (),
        "audited": True,
        "touched": True,
        "soft_delete": False,
        "deleted_with": (),
    }

    def __init__(self, *, name: str, access: str, version: str = "", **options: Any) -> None:
        super().__init__(name=name)
        self.access = access
        self.options = {**self.defaults, **options}
        self.options["redacted"] = tuple(self.options["redacted"])
        self.options["deleted_with"] = tuple(tuple(pair) for pair in self.options["deleted_with"])
        self.version = version or fingerprint(self.guarded_table("t"))

    def rules(self) -> tuple[Rule, ...]:
        raise TypeError(f"{type(self).__name__} must name its rules")

    def guarded_table(self, db_table: str) -> GuardedTable:
        return GuardedTable(table=quote(db_table), name=db_table, rules=self.rules(), **self.options)

    def create_statements(self, model: type[models.Model]) -> list[str]:
        return guard_statements(self.guarded_table(model._meta.db_table))

    def rename_statements(self, model: type[models.Model]) -> list[str]:
        """Triggers carry the table's name into the log, so they are made anew."""
        return self.create_statements(model)

    def remove_statements(self, model: type[models.Model]) -> list[str]:
        return unguard_statements(self.guarded_table(model._meta.db_table))

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        changed = {k: v for k, v in self.options.items() if v != self.defaults[k]}
        return path, args, kwargs | {"access": self.access, "version": self.version} | changed


class OrgGuard(TableGuard):
    """The guard of a table whose rows belong to one organization each."""

    defaults: ClassVar[dict[str, Any]] = {**TableGuard.defaults, "org_column": "org_id"}

    def rules(self) -> tuple[Rule, ...]:
        return tuple(ACCESS[self.access].rules(self.options["org_column"], soft_delete=self.options["soft_delete"]))


class OperationsGuard(TableGuard):
    """The guard of a table about the database as a whole, which belongs to no organization: superusers see it."""

    defaults: ClassVar[dict[str, Any]] = {**TableGuard.defaults, "org_column": ""}

    def rules(self) -> tuple[Rule, ...]:
        return OPERATIONS_ACCESS[self.access]


class CompositeForeignKey(StatementsConstraint):
    """A foreign key over (org_id, column): the row it points to is in the same organization, always."""

    def __init__(
        self,
        *,
        name: str,
        columns: tuple[str, ...],
        to: str,
        to_columns: tuple[str, ...] = ("org_id", "id"),
        on_delete: str,
    ) -> None:
        super().__init__(name=name)
        self.columns, self.to, self.to_columns = tuple(columns), to, tuple(to_columns)
        self.on_delete = on_delete

    def create_statements(self, model: type[models.Model]) -> list[str]:
        target = self._target(model)._meta.db_table
        columns, to_columns = (", ".join(map(quote, c)) for c in (self.columns, self.to_columns))
        return [
            f"alter table {quote(model._meta.db_table)} add constraint {quote(self.name)}"
            f" foreign key ({columns}) references {quote(target)} ({to_columns}){self._action()}"
        ]

    def _target(self, model: type[models.Model]) -> Any:
        """Asked of the field first: migrations rename the models that fields point to, but not those in constraints."""
        for field in model._meta.local_fields:
            if isinstance(field, OrgForeignKey) and field.column == self.columns[-1]:
                return field.remote_field.model
        return model._meta.apps.get_model(self.to)

    def _action(self) -> str:
        if self.on_delete == "SET NULL":
            return f" on delete set null ({', '.join(quote(c) for c in self.columns if c != 'org_id')})"
        return f" on delete {self.on_delete.lower()}" if self.on_delete else ""

    def remove_statements(self, model: type[models.Model]) -> list[str]:
        return [f"alter table {quote(model._meta.db_table)} drop constraint if exists {quote(self.name)}"]

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs |= {"columns": self.columns, "to": self.to, "to_columns": self.to_columns, "on_delete": self.on_delete}
        return path, args, kwargs


def model_label(model: type[models.Model], field: Any) -> str:
    """The model a field points to, as a label: at class creation it may not be there yet."""
    target = resolve_relation(model, field.remote_field.model)
    return str(target if isinstance(target, str) else target._meta.label).lower()


def same_org_key(model: type[models.Model], field: Any) -> CompositeForeignKey:
    """The database side of an OrgForeignKey."""
    return CompositeForeignKey(
        name=bound_name(f"fk_{model._meta.db_table}_{field.column}"),
        columns=("org_id", field.column),
        to=model_label(model, field),
        on_delete=field.in_database or ON_DELETE.get(field.remote_field.on_delete, "").removeprefix(" ON DELETE "),
    )
