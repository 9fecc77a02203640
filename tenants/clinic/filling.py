"""The org of every clinic row: by trigger for rows written meanwhile, by batches for those that were there."""

from typing import Any

from psycopg import sql

from postgres.names import fill, literal, quote
from tenants.backfill.batches import Keyset, forget_job, run_batches
from tenants.clinic.catalog import CHILDREN, TABLES
from tenants.clinic.seeding import default_slug

# A trigger may fire for a login that reads neither organizations nor dsos: the function acts as the owner.
FUNCTION = """
create or replace function private.fill_clinic_org() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_table_name = 'dsos' then
        if new.org_id is null then
            new.org_id := (select o.id from {schema}.organizations o where o.slug = tg_argv[0]);
        end if;
    elsif tg_op = 'INSERT' or new.org_id is null or new.dso_id is distinct from old.dso_id then
        new.org_id := coalesce(
            (select d.org_id from {schema}.dsos d where d.id = new.dso_id), new.org_id,
            (select o.id from {schema}.organizations o where o.slug = tg_argv[0]));
    end if;
    return new;
end
$$
"""
PRIVATE = "revoke all on function private.fill_clinic_org() from public"
# Times that an adopted table left open.
GAPS = {"dsos": "created_at updated_at", "doctors": "created_at updated_at"}
GAPS["user_dso_access"] = "created_at updated_at granted_at"


def trigger_name(table: str) -> str:
    return f"fill_org_{table}"


def add_fill_trigger(table: str, schema_editor: Any, before: str = "") -> None:
    """Rows written from now on are never without organization; `before` goes to the server in the same message."""
    for statement in (FUNCTION, PRIVATE):
        schema_editor.execute(fill(statement), params=None)
    schema_editor.execute(
        f"{before}create or replace trigger {quote(trigger_name(table))} before insert or update on {quote(table)}"
        f" for each row execute function private.fill_clinic_org({literal(default_slug())})",
        params=None,
    )


def drop_fill_trigger(table: str, schema_editor: Any) -> None:
    schema_editor.execute(f"drop trigger if exists {quote(trigger_name(table))} on {quote(table)}", params=None)


def drop_fill_function(schema_editor: Any) -> None:
    schema_editor.execute("drop function if exists private.fill_clinic_org()", params=None)


def job_name(table: str) -> str:
    return f"tenants.0012_clinic_org_backfill.{table}"


def fill_tables(apps: Any, schema_editor: Any) -> None:
    """Parents before children; rows that come while the walk goes on are the trigger's."""
    for table in TABLES:
        keys = Keyset(table, "id")

        def apply(cursor: Any, rows: Any, table: str = table, keys: Keyset = keys) -> int:
            cursor.execute(_compose_update(table, keys.condition(rows, alias="t")))
            return int(cursor.rowcount)

        for _progress in run_batches(job_name(table), next_range=keys, apply=apply, batch_ms=50, lock_ms=100):
            pass


def _compose_update(table: str, condition: sql.Composed) -> sql.Composed:
    slug = sql.Literal(default_slug())
    org: sql.Composable = sql.SQL("(select o.id from organizations o where o.slug = {})").format(slug)
    if table in CHILDREN:
        org = sql.SQL("(select d.org_id from dsos d where d.id = t.dso_id)")
    gaps = GAPS[table].split()
    times = sql.SQL(", ").join(sql.SQL("{c} = coalesce(t.{c}, now())").format(c=sql.Identifier(c)) for c in gaps)
    open_gaps = sql.SQL(" or ").join(sql.SQL("t.{} is null").format(sql.Identifier(c)) for c in gaps)
    return sql.SQL(
        "update {table} t set org_id = coalesce(t.org_id, {org}), {times}"
        " where (t.org_id is null or {gaps}) and {condition}"
    ).format(table=sql.Identifier(table), org=org, times=times, gaps=open_gaps, condition=condition)


def forget_jobs(apps: Any, schema_editor: Any) -> None:
    """The column goes with the migration before; only the jobs' own state is left to remove."""
    for table in TABLES:
        forget_job(job_name(table))
