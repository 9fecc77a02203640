"""Tables as we write them: composite keys, partitions, and foreign keys that carry their ON DELETE."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.backends.ddl_references import Statement
from django.db.backends.postgresql import schema as postgresql

from postgres.keys import CompositeKey
from postgres.names import bound_name

# PROTECT stays NO ACTION: RESTRICT fires before the cascade of a deleted organization has reached the other table.
ON_DELETE = {models.CASCADE: " ON DELETE CASCADE", models.SET_NULL: " ON DELETE SET NULL"}


class DatabaseSchemaEditor(postgresql.DatabaseSchemaEditor):
    """Django's schema editor, with our key and our foreign keys."""

    # Inline keys would block readers of both tables while they are checked; deferred ones are named by us too.
    sql_create_column_inline_fk = None  # type: ignore[assignment]
    # Ours are never deferrable, so there is nothing to SET CONSTRAINTS first.
    sql_delete_fk = "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s"

    def _iter_column_sql(self, column_db_type: Any, params: Any, model: Any, field: Any, *rest: Any) -> Iterator[str]:
        parts: Iterator[str] = super()._iter_column_sql(  # type: ignore[misc]
            column_db_type, params, model, field, *rest
        )
        if isinstance(field, CompositeKey):
            return (part for part in parts if part != "PRIMARY KEY")
        return parts

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Tables made in this very migration: nobody waits for them yet.
        self._born: set[str] = set()

    def create_model(self, model: type[models.Model]) -> None:
        self._born.add(model._meta.db_table)
        super().create_model(model)

    def table_sql(self, model: type[models.Model]) -> tuple[str, list[Any]]:
        sql, params = super().table_sql(model)
        key = model._meta.pk
        if not isinstance(key, CompositeKey):
            return sql, params
        sql = f"{sql[:-1]}, {self._key_sql(key, _columns(model))})"
        if key.partition_by:
            sql += f" PARTITION BY RANGE ({self.quote_name(_columns(model)[key.partition_by])})"
        return sql, params

    def remove_constraint(self, model: type[models.Model], constraint: Any) -> None:
        """As `add_constraint`: without parameters, or a percent sign in the statements is taken for a placeholder."""
        if statements := constraint.remove_sql(model, self):
            self.execute(statements, params=None)

    def add_field(self, model: type[models.Model], field: Any) -> None:
        """The key of a new column is NOT VALID: its check would block writers. A `ValidateConstraint` follows it."""
        waiting = len(self.deferred_sql)
        super().add_field(model, field)
        self._complete_key(model, field)
        for statement in [] if model._meta.db_table in self._born else self.deferred_sql[waiting:]:
            if isinstance(statement, Statement) and statement.template == self.sql_create_fk:
                statement.parts["deferrable"] = f"{statement.parts['deferrable']} NOT VALID"  # type: ignore[assignment]

    def _key_sql(self, key: CompositeKey, columns: dict[str, str]) -> str:
        """The key over those of its columns that are there: `makemigrations` may add a relation after the table."""
        return f"PRIMARY KEY ({', '.join(self.quote_name(columns[name]) for name in key.columns if name in columns)})"

    def _complete_key(self, model: type[models.Model], field: Any) -> None:
        key = model._meta.pk
        if isinstance(key, CompositeKey) and field.name in key.columns:
            columns = _columns(model) | {field.name: field.column}
            name = self.quote_name(f"{model._meta.db_table}_pkey")
            change = f"DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {self._key_sql(key, columns)}"
            self.execute(f"ALTER TABLE {self.quote_name(model._meta.db_table)} {change}", None)

    def _fk_constraint_name(self, model: type[models.Model], field: Any, suffix: str) -> str:
        """Named as composite keys are, so that a migration that validates one can tell its name."""
        return self.quote_name(bound_name(f"fk_{model._meta.db_table}_{field.column}"))

    def _create_fk_sql(self, model: type[models.Model], field: Any, suffix: str) -> Any:
        statement = super()._create_fk_sql(model, field, suffix)  # type: ignore[misc]
        statement.parts["deferrable"] = ON_DELETE.get(field.remote_field.on_delete, "")
        return statement


def _columns(model: type[models.Model]) -> dict[str, str]:
    """Columns by field name and by their own."""
    fields: list[Any] = list(model._meta.local_fields)
    return {field.column: field.column for field in fields} | {field.name: field.column for field in fields}
