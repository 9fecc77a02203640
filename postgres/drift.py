"""Drift: SQL objects whose file and database disagree, found by installing the file and undoing it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction

from postgres.errors import first_line
from postgres.names import fill
from postgres.objects import SqlObject, all_objects

# Rights in one order, those of the owner written out: a restored dump has them otherwise.
RIGHTS = "(select array_agg(a::text order by a::text)::text from unnest(coalesce({}, acldefault('{}', {}))) a)"
# Per kind of object: where its rights stand, their letter, and its owner.
HELD_IN = {
    "function": ("p.proacl", "f", "p.proowner"),
    "view": ("c.relacl", "r", "c.relowner"),
    "table": ("c.relacl", "r", "c.relowner"),
    "schema": ("n.nspacl", "n", "n.nspowner"),
}
DEFINITIONS = {
    "function": "select pg_get_functiondef(p.oid), {rights} from pg_catalog.pg_proc p"
    " where p.oid = to_regprocedure(%(identity)s)",
    "view": "select pg_get_viewdef(c.oid), c.reloptions::text, {rights},"
    " (select array_agg(pg_get_triggerdef(t.oid) order by t.tgname) from pg_catalog.pg_trigger t"
    " where t.tgrelid = c.oid)::text"
    " from pg_catalog.pg_class c where c.oid = to_regclass(%(identity)s)",
    "table": "select c.relrowsecurity, c.relforcerowsecurity, {rights}, obj_description(c.oid),"
    " (select array_agg(p.polname::text order by p.polname) from pg_catalog.pg_policy p where p.polrelid = c.oid),"
    " (select array_agg(pg_get_triggerdef(t.oid) || t.tgenabled::text order by t.tgname) from pg_catalog.pg_trigger t"
    " where t.tgrelid = c.oid and not t.tgisinternal)::text"
    " from pg_catalog.pg_class c where c.oid = to_regclass(%(identity)s)",
    "schema": "select {rights} from pg_catalog.pg_namespace n where n.oid = to_regnamespace(%(identity)s)",
    "trigger": "select pg_get_triggerdef(t.oid), t.tgenabled from pg_catalog.pg_trigger t"
    " where t.tgname = %(identity)s and t.tgrelid = to_regclass(%(table)s)",
}


@dataclass(frozen=True)
class Drift:
    """One object that is not as its file says, and how."""

    object: SqlObject
    problem: str


def read_definition(cursor: Any, found: SqlObject) -> tuple[Any, ...] | None:
    """What the database holds, as it would write it; None: no such object."""
    kind, _, rest = fill(found.identity).partition(" ")
    identity, _, table = rest.partition(" on ")
    rights = RIGHTS.format(*HELD_IN.get(kind, ("", "", "")))
    cursor.execute(DEFINITIONS[kind].replace("{rights}", rights), {"identity": identity, "table": table})
    row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def find_drift(connection: Any) -> Iterator[Drift]:
    """Compare every object with its file; nothing is kept."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Replacing a trigger locks its table for a moment: better not to know than to keep writers waiting.
        cursor.execute(
            "select set_config('lock_timeout', '2s', true), set_config('check_function_bodies', 'off', true)"
        )
        for found in all_objects():
            problem = _compare(cursor, found)
            if problem:
                yield Drift(found, problem)
        transaction.set_rollback(True)


def _compare(cursor: Any, found: SqlObject) -> str:
    before = read_definition(cursor, found)
    if before is None:
        return "missing"
    try:
        with transaction.atomic():
            cursor.execute(found.create_sql())
            return "" if read_definition(cursor, found) == before else "changed"
    except DatabaseError as error:
        return f"cannot be installed: {first_line(error)}"
