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

    def table_sql(self, model: type[models.Model]) -> tuple[str, list[Any]]:
        sql, params = super().table_sql(model)
        key = model._meta.pk
        if not isinstance(key, CompositeKey):
            return sql, params
        columns = [_column(model, name) for name in key.columns]
        sql = f"{sql[:-1]}, PRIMARY KEY ({', '.join(map(self.quote_name, columns))}))"
        if key.partition_by:
            sql += f" PARTITION BY RANGE ({self.quote_name(_column(model, key.partition_by))})"
        return sql, params

    def remove_constraint(self, model: type[models.Model], constraint: Any) -> None:
        """As `add_constraint`: without parameters, or a percent sign in the statements is taken for a placeholder."""
        if statements := constraint.remove_sql(model, self):
            self.execute(statements, params=None)

    def add_field(self, model: type[models.Model], field: Any) -> None:
        """The key of a new column is NOT VALID: its check would block writers. A `ValidateConstraint` follows it."""
        waiting = len(self.deferred_sql)
        super().add_field(model, field)
        for statement in self.deferred_sql[waiting:]:
            if isinstance(statement, Statement) and statement.template == self.sql_create_fk:
                statement.parts["deferrable"] = f"{statement.parts['deferrable']} NOT VALID"  # type: ignore[assignment]

    def _fk_constraint_name(self, model: type[models.Model], field: Any, suffix: str) -> str:
        """Named as composite keys are, so that a migration that validates one can tell its name."""
        return self.quote_name(bound_name(f"fk_{model._meta.db_table}_{field.column}"))

    def _create_fk_sql(self, model: type[models.Model], field: Any, suffix: str) -> Any:
        statement = super()._create_fk_sql(model, field, suffix)  # type: ignore[misc]
        statement.parts["deferrable"] = ON_DELETE.get(field.remote_field.on_delete, "")
        return statement


def _column(model: type[models.Model], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return str(field.column)
