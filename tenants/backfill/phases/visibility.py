"""The owner role's way through a table that is under row-level security already."""

from psycopg import sql

from postgres.roles import OWNER
from tenants.backfill.changes import change_schema
from tenants.backfill.phases.relations import fetch_all, read_tree
from tenants.models import ConversionTable

POLICY = "tenantry_owner_all"
STANDS = "select exists (select from pg_catalog.pg_policy where polrelid = %s and polname = %s)"


def let_owner_see(table: ConversionTable, *, phase: str, lock_ms: int) -> None:
    """Without it, counting and checking would see no row, find nothing wrong, and be believed."""
    for relation in read_tree(table):
        if not relation.row_security or fetch_all(STANDS, [relation.oid, POLICY])[0][0]:
            continue
        change_schema(
            table,
            sql.SQL("create policy {} on {} to {} using (true) with check (true)").format(
                sql.Identifier(POLICY), relation.sql, sql.Identifier(OWNER)
            ),
            phase=phase,
            kind="policy",
            name=f"{relation.text} {POLICY}",
            undo=sql.SQL("drop policy if exists {} on {}").format(sql.Identifier(POLICY), relation.sql),
            lock_ms=lock_ms,
        )
