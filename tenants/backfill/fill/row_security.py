"""Row security of a table during its fill: a policy lets the batch role pass, and restrictive ones leave it out."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from postgres.roles import BATCH

POLICY = "tenantry_batch_fill"
RESTRICTIVE = """
select p.polname, pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
from pg_catalog.pg_policy p
where p.polrelid = %s and not p.polpermissive and p.polcmd in ('*', 'r', 'w')
    and exists (select from unnest(p.polroles) r (oid) where r.oid = 0 or pg_has_role(%s::name, r.oid, 'USAGE'))
order by 1
"""
EXEMPT = f"current_user = '{BATCH}'"


@dataclass(frozen=True)
class PolicyChange:
    """A statement and the one that takes it back."""

    kind: str
    name: str
    make: sql.Composable
    undo: sql.Composable


def find_policy_changes(oid: int, place: sql.Identifier) -> Iterator[PolicyChange]:
    """What lets the batch role see and write every row of a table under row security."""
    with connection.cursor() as db:
        db.execute("select polname from pg_catalog.pg_policy where polrelid = %s and polname = %s", [oid, POLICY])
        stands = db.fetchone() is not None
        db.execute(RESTRICTIVE, [oid, BATCH])
        restrictive = db.fetchall()
    if not stands:
        policy, role = sql.Identifier(POLICY), sql.Identifier(BATCH)
        make = sql.SQL("create policy {} on {} to {} using (true) with check (true)").format(policy, place, role)
        yield PolicyChange("policy", POLICY, make, sql.SQL("drop policy if exists {} on {}").format(policy, place))
    for name, using, check in restrictive:
        if EXEMPT not in (using or check).lower().replace("(", "").replace("::name", ""):
            yield PolicyChange(
                "policy_gated",
                name,
                _alter(name, place, using and _exempt(using), check and _exempt(check)),
                _alter(name, place, using, check),
            )


def _exempt(expression: str) -> str:
    """No OR: the planner would work out either side, and one may fail where a setting of the application is missing."""
    return f"case when {EXEMPT} then true else ({expression}) end"


def _alter(name: str, place: sql.Identifier, using: str | None, check: str | None) -> sql.Composable:
    # The expressions are the server's own texts.
    parts = [
        sql.SQL(" {} ({})").format(sql.SQL(word), sql.SQL(expression))
        for word, expression in (("using", using), ("with check", check))
        if expression
    ]
    return sql.SQL("alter policy {} on {}{}").format(sql.Identifier(name), place, sql.Composed(parts))
