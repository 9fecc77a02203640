"""What not even the owner of the tables may do: attempts on every check, foreign key and trigger of a table."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from django.db import connection

from tests.attack.attempts import Attempt, compose
from tests.attack.commands import insert_copy
from tests.attack.rights import conditions, rows_to_insert, with_new_key
from tests.worlds import Table, Worlds

NOWHERE = {"uuid": "00000000-0000-0000-0000-00000000dead", "text": "nowhere"}
# Values that some check or other refuses, by the type of their column.
BAD: dict[str, list[Any]] = {
    "text": ["", "Nonsense value", "admin", None],
    "integer": [-1, 0, None],
    "numeric": [-1, "NaN", None],
    "boolean": [False, True],
    "timestamp with time zone": [None, "2020-01-01", "infinity", "-infinity", "1900-01-01"],
}
SAME_TYPES = {"character varying": "text", "smallint": "integer", "bigint": "integer"}
# How to change a value, by the type of its column.
OTHERS = {
    "text": "{c} || 'x'",
    "boolean": "not {c}",
    "numeric": "{c} + 1",
    "integer": "{c} + 1",
    "timestamp with time zone": "coalesce({c}, now()) - interval '1 hour'",
    "jsonb": "{c} || '{\"x\": 1}'",
}
FIND_TYPES = """
select a.attname::text, split_part(format_type(a.atttypid, a.atttypmod), '(', 1) from pg_attribute a
where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
"""
FIND_CHECKS = """
select k.conname::text, pg_get_expr(k.conbin, k.conrelid),
    (select array_agg(a.attname::text) from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey))
from pg_constraint k where k.conrelid = to_regclass(%s) and k.contype = 'c' order by 1
"""
FIND_KEYS = """
select k.conname::text, k.confrelid::regclass::text,
    (select array_agg(a.attname::text order by p.place) from unnest(k.conkey) with ordinality p (number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.number),
    (select array_agg(a.attname::text order by p.place) from unnest(k.confkey) with ordinality p (number, place)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = p.number)
from pg_constraint k where k.conrelid = to_regclass(%s) and k.contype = 'f' and k.conparentid = 0 order by 1
"""


def ask(query: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def read_types(table: Table) -> dict[str, str]:
    return {name: SAME_TYPES.get(kind, kind) for name, kind in ask(FIND_TYPES, table.quoted)}


def our_row(table: Table, worlds: Worlds) -> dict[str, Any]:
    return next(iter(rows_to_insert(table, worlds).values()))


def insert_with(table: Table, worlds: Worlds, **changes: Any) -> str:
    """Our row once more, changed."""
    row = {**with_new_key(our_row(table, worlds)), **changes}
    return insert_copy(table).replace("%s", compose("{row}", row=json.dumps(row)))


def attempts_on_checks(table: Table, worlds: Worlds) -> Iterator[Attempt]:
    """For each check a row that breaks it and no other; one that no value here breaks has no attempt."""
    checks = [(name, text.replace("%", "%%"), columns) for name, text, columns in ask(FIND_CHECKS, table.quoted)]
    types, row = read_types(table), our_row(table, worlds)
    for name, condition, own in checks:
        # What checks name leads to their other halves: "accepted" wants to know by whom.
        near = [(text, columns) for _, text, columns in checks if set(own) & set(columns)]
        columns = sorted({c for _, names in near for c in names})
        named = {"text": [word for text, _ in near for word in re.findall(r"'([^']*)'::text", text)[:20]]}
        choices = [[row.get(c), *BAD.get(types[c], [None]), *named.get(types[c], [])] for c in columns]
        others = [f"coalesce({text}, true)" for other, text, _ in checks if other != name]
        broken = " and ".join([f"not ({condition})", *others])
        for values in itertools.product(*choices):
            changes = dict(zip(columns, values, strict=True))
            record = f"jsonb_populate_record(null::{table.quoted}, %s::jsonb)"
            if ask(f"select 1 from {record} where {broken}", json.dumps({**row, **changes})):
                yield Attempt(f"check {name}", insert_with(table, worlds, **changes))
                break


def one_row(table: Table, worlds: Worlds) -> str:
    """The condition that holds for one row, of ours where rows are somebody's."""
    condition = next(iter(conditions(table, worlds).values()))
    return f"ctid = (select ctid from {table.quoted} where {condition} limit 1)"


def update_one(table: Table, worlds: Worlds, column: str, value: str) -> str:
    return f'update {table.quoted} set "{column}" = {value} where {one_row(table, worlds)}'


def attempts_on_keys(table: Table, worlds: Worlds) -> Iterator[Attempt]:
    """For each foreign key a row that points nowhere, and one that points at the other side's row."""
    types = read_types(table)
    for name, target, columns, targets in ask(FIND_KEYS, table.quoted):
        pairs = [(c, t) for c, t in zip(columns, targets, strict=True) if c != "org_id"] or [("org_id", "id")]
        column, referred = pairs[0]
        nowhere = NOWHERE.get(types[column], -424242)
        if column == "org_id":
            yield Attempt(f"key {name} to nothing", insert_with(table, worlds, org_id=nowhere))
            continue
        value = compose("{value}", value=nowhere)
        yield Attempt(f"key {name} to nothing", update_one(table, worlds, column, value))
        # Only an id is somebody's: a number of a version is the other side's as well.
        if len(columns) > 1 and referred == "id":
            foreign = f"select {referred} from {target} where org_id = %s order by 1 limit 1"
            for (key,) in ask(foreign, worlds.theirs.org.pk):
                value = compose("{value}", value=str(key))
                yield Attempt(f"key {name} to theirs", update_one(table, worlds, column, value))


def attempts_on_triggers(table: Table, worlds: Worlds) -> Iterator[Attempt]:
    """Each command as the owner, with what it leaves in other tables; and a row that is moved to the other side."""
    told = count_everything(table)
    yield Attempt("insert", insert_with(table, worlds), told)
    yield Attempt("delete", f"delete from {table.quoted} where {one_row(table, worlds)}", told)
    yield Attempt("truncate", f"truncate {table.quoted} cascade", told)
    if "org_id" in table.columns:
        theirs = compose("{org}::uuid", org=str(worlds.theirs.org.pk))
        yield Attempt("move", update_one(table, worlds, "org_id", theirs))
    for column, kind in read_types(table).items():
        if kind in OTHERS and column in table.columns and column not in ("updated_at", "org_id"):
            other = OTHERS[kind].replace("{c}", f'"{column}"')
            yield Attempt(f"update {column}", update_one(table, worlds, column, other), told)


def count_everything(table: Table) -> str:
    """What triggers change: rows in the tables they write to, what customers spent, and the time of the last touch."""
    counted = ["audit_logs", "organizations", "org_members", "user_profiles", "user_preferences", "workspaces"]
    parts = [f"(select count(*) from public.{name})" for name in counted]
    parts.append("(select sum(total_revenue) from public.customers)")
    if "updated_at" in table.columns:
        parts.append(f"(select count(*) from {table.quoted} where updated_at >= now())")
    return f"select concat_ws(' ', {', '.join(parts)})"


def attempts_on_holdings(table: Table, worlds: Worlds) -> list[Attempt]:
    """All of these; nobody attempts anything on a view or on a partition that is no matter of rights."""
    if table.view or table.partition:
        return [Attempt("truncate", f"truncate {table.quoted}")] if table.partition else []
    return [
        *attempts_on_checks(table, worlds),
        *attempts_on_keys(table, worlds),
        *attempts_on_triggers(table, worlds),
    ]
