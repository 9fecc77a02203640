"""How org_id is added: with the organization for the rows that stand as well, wherever PostgreSQL lets it."""

from psycopg import sql

from tenants.backfill.phases.relations import fetch_all

ROW_TYPE_STORED = """
with recursive types (oid) as (
    select c.reltype from pg_catalog.pg_class c where c.oid = %s
    union
    select u.oid from types t, lateral (
        select y.oid from pg_catalog.pg_type y where y.typelem = t.oid or y.typbasetype = t.oid
        union all
        select c.reltype from pg_catalog.pg_attribute a join pg_catalog.pg_class c
            on c.oid = a.attrelid and c.relkind = 'c' where a.atttypid = t.oid
    ) u
)
select exists (select from types t join pg_catalog.pg_attribute a on a.atttypid = t.oid and not a.attisdropped
    join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'm', 'f'))
"""


def compose_column(oid: int, default: sql.Composable | None) -> sql.Composable:
    """What ALTER TABLE adds. Rows that stand get the default too, but where their type is that of a column elsewhere:
    PostgreSQL refuses it there, and they are filled in batches."""
    if default is None:
        return sql.SQL("add column org_id uuid")
    together = "add column org_id uuid default {}"
    apart = "add column org_id uuid, alter column org_id set default {}"
    return sql.SQL(apart if is_row_type_stored(oid) else together).format(default)


def is_row_type_stored(oid: int) -> bool:
    """Whether a column of some table holds rows of this one, or arrays or domains of them."""
    return bool(fetch_all(ROW_TYPE_STORED, [oid])[0][0])
