"""Statements Django composes for PostgreSQL."""

from typing import Any

from django.apps import apps
from django.db.backends.postgresql import operations as postgresql

# Tables that no model has, whose rows go with rows of ours: TRUNCATE wants them named beside what they refer to.
FOLLOWERS = """
select distinct n.nspname, c.relname, c.oid
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = 'private'
where k.contype = 'f' and k.confrelid = any(select to_regclass(quote_ident(t)) from unnest(%s::text[]) t) order by 3
"""


class DatabaseOperations(postgresql.DatabaseOperations):
    """Foreign keys are checked at once, and a flush leaves append-only tables alone."""

    def deferrable_sql(self) -> str:
        """A deferred check fails at COMMIT, after the view has answered: a 500 instead of a form error."""
        return ""

    def sql_flush(self, style: Any, tables: Any, **kwargs: Any) -> list[str]:
        kept = {m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)}
        flushed = [t for t in tables if t not in kept]
        statements: list[str] = super().sql_flush(style, [*flushed, *self._followers(flushed)], **kwargs)
        return statements

    def _followers(self, tables: list[str]) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute(FOLLOWERS, [tables])
            # Quoted already, which Django's own quoting recognizes by the marks around it.
            return [f'"{schema}"."{table}"' for schema, table, _ in cursor.fetchall()]
