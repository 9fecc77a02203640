"""Lets our functions read what a derivation needs: people and parents that belong to others."""

from django.db import ProgrammingError, connection
from psycopg import errors, sql

from postgres.roles import OWNER
from tenants.backfill.changes import change_schema
from tenants.backfill.names import TableName
from tenants.models import Conversion, Phase

POLICY = "tenantry_owner_reads"
FACTS = """
select has_schema_privilege(%(role)s, n.oid, 'USAGE'), has_table_privilege(%(role)s, c.oid, 'SELECT'),
    c.relrowsecurity and not pg_has_role(%(role)s, c.relowner, 'USAGE'),
    exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polpermissive
        and p.polroles = array[%(role)s::regrole::oid] and pg_get_expr(p.polqual, p.polrelid) = 'true'
        and p.polcmd in ('r', '*')),
    (select string_agg(quote_ident(p.polname), ', ' order by p.polname) from pg_catalog.pg_policy p
        where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('r', '*')
            and (p.polroles = '{0}' or %(role)s::regrole = any (p.polroles)))
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s and c.relname = %(table)s
"""


class ReadingRefused(RuntimeError):
    """Our functions may not read a table that they need, and this login cannot let them."""


def let_owner_read(conversion: Conversion, name: TableName, *, lock_ms: int) -> None:
    """Grant what is lacking, each with its undo; under row security a policy as well."""
    enters, reads, secured, let_through, restrictive = _read_facts(name)
    if secured and restrictive:
        raise ReadingRefused(
            f"{name} has restrictive policies for everyone ({restrictive}), which hide rows from {OWNER}: the"
            f" organizations of the rows that lead there could not be found. Type, as its owner: alter policy NAME on"
            f" {name} to ROLES; with the roles that it is meant for."
        )
    schema, role = sql.Identifier(name.schema), sql.Identifier(OWNER)
    if not enters:
        _grant(conversion, name, sql.SQL("usage on schema {}").format(schema), lock_ms)
    if not reads:
        _grant(conversion, name, sql.SQL("select on table {}").format(name.sql), lock_ms)
    if secured and not let_through:
        names = (sql.Identifier(POLICY), name.sql)
        change_schema(
            conversion,
            sql.SQL("create policy {} on {} for select to {} using (true)").format(*names, role),
            phase=Phase.COLUMN,
            kind="policy",
            name=str(name),
            undo=sql.SQL("drop policy if exists {} on {}").format(*names),
            lock_ms=lock_ms,
        )
    # A GRANT by somebody without the right to it may be a warning only.
    enters, reads, *_ = _read_facts(name)
    if not (enters and reads):
        raise ReadingRefused(_describe_grants(name))


def _grant(conversion: Conversion, name: TableName, what: sql.Composable, lock_ms: int) -> None:
    role = sql.Identifier(OWNER)
    try:
        change_schema(
            conversion,
            sql.SQL("grant {} to {}").format(what, role),
            phase=Phase.COLUMN,
            kind="grant",
            name=what.as_string(None),
            undo=sql.SQL("revoke {} from {}").format(what, role),
            lock_ms=lock_ms,
        )
    except ProgrammingError as error:
        if isinstance(error.__cause__, errors.InsufficientPrivilege):
            raise ReadingRefused(_describe_grants(name)) from error
        raise


def _describe_grants(name: TableName) -> str:
    return (
        f"{OWNER} may not read {name}, and this login may not let it. Type, as the owner of the schema:"
        f" grant usage on schema {sql.Identifier(name.schema).as_string(None)} to {OWNER};"
        f" grant select on {name} to {OWNER};"
    )


def _read_facts(name: TableName) -> tuple[bool, bool, bool, bool, str | None]:
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"role": OWNER, "schema": name.schema, "table": name.table})
        row: tuple[bool, bool, bool, bool, str | None] = cursor.fetchone()
        return row
