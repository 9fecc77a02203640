"""Statements Django composes for PostgreSQL."""

from typing import Any

from django.apps import apps
from django.db.backends.postgresql import operations as postgresql


class DatabaseOperations(postgresql.DatabaseOperations):
    """Foreign keys are checked at once, and a flush leaves append-only tables alone."""

    def deferrable_sql(self) -> str:
        """A deferred check fails at COMMIT, after the view has answered: a 500 instead of a form error."""
        return ""

    def sql_flush(self, style: Any, tables: Any, **kwargs: Any) -> list[str]:
        kept = {m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)}
        statements: list[str] = super().sql_flush(style, [t for t in tables if t not in kept], **kwargs)
        return statements
