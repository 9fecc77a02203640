"""Who gets what out of a table: every command by everybody, tried out and put in words."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import sql

from tests.attack.actors import EVERYBODY, Actor
from tests.attack.attempts import REFUSED, Attempt, attempt_as, compose
from tests.attack.commands import insert_copy, read_row
from tests.worlds import Side, Table, Worlds

SIDES = ("ours", "theirs")


def owned_by(table: Table, side: Side, other: Side) -> str:
    """The condition that holds for one side's rows; in a table of nobody's rows it always does."""
    if table.owner_column is None:
        return "true"
    column = sql.Identifier(table.owner_column)
    return compose("{column}::text = any({owners})", column=column, owners=table.foreign_to(side, other))


def conditions(table: Table, worlds: Worlds) -> dict[str, str]:
    """By side; nobody's rows are on no side."""
    if table.owner_column is None:
        return {"rows": "true"}
    return {
        "ours": owned_by(table, worlds.theirs, worlds.ours),
        "theirs": owned_by(table, worlds.ours, worlds.theirs),
    }


def attempts_on(table: Table, worlds: Worlds) -> list[Attempt]:
    """Select, insert, update of every column, delete and truncate, by side."""
    attempts = [a for side, where in conditions(table, worlds).items() for a in attempts_where(table, side, where)]
    for side, row in rows_to_insert(table, worlds).items():
        statement = insert_copy(table).replace("%s", compose("{row}", row=json.dumps(row)))
        attempts.append(Attempt(f"{side} insert", statement))
    if not table.view:
        attempts.append(Attempt("truncate", f"truncate {table.quoted}"))
    return attempts


def attempts_where(table: Table, side: str, where: str) -> Iterator[Attempt]:
    """What can be tried on the rows of one side."""
    there = f"{where} and deleted_at is null" if "deleted_at" in table.columns else where
    counted = f"select count(*) from {table.quoted} where {there}"
    yield Attempt(f"{side} count", counted)
    for column in table.columns:
        read = f'select count(("{column}" is null)::int) from {table.quoted} where {where}'
        yield Attempt(f"{side} select {column}", read)
    if table.view:
        return
    for column in table.columns:
        write = f'update {table.quoted} set "{column}" = "{column}" where {where}'
        yield Attempt(f"{side} update {column}", write)
    yield Attempt(f"{side} delete", f"delete from {table.quoted} where {where}", counted)


def rows_to_insert(table: Table, worlds: Worlds) -> dict[str, dict[str, Any]]:
    """A copy of a row of either side, with a key of its own where it has one."""
    if table.owner_column is None:
        return {"rows": read_row(table, worlds.ours, worlds.theirs) or {}}
    rows = {
        "ours": read_row(table, worlds.theirs, worlds.ours) or {},
        "theirs": read_row(table, worlds.ours, worlds.theirs) or {},
    }
    return {side: with_new_key(row) for side, row in rows.items()}


def with_new_key(row: dict[str, Any]) -> dict[str, Any]:
    key = row.get("id")
    return {**row, "id": f"{key[:-4]}beef"} if isinstance(key, str) and len(key) == 36 else row


def rights_of(actor: Actor, worlds: Worlds, attempts: Sequence[Attempt]) -> dict[str, str]:
    """What each attempt came to, in words that do not depend on how many rows there are."""
    results = attempt_as(actor, worlds, attempts)
    return {name: tell(name, result, results) for name, result in results.items() if not name.endswith(" count")}


def tell(name: str, result: str, results: dict[str, str]) -> str:
    """`-` refused for lack of a right, `policy` by policy, `none` without effect; else an error has its code."""
    side, command = (*name.split(" "), "")[:2]
    kind, _, answer = result.partition(" ")
    if command == "delete" and kind == "ok":
        return tell_deletion(answer, results.get(f"{side} count", ""))
    if kind == "ok":
        return "none" if answer == "0" and command else "yes"
    # Whatever stops an insert after its policy is no matter of rights.
    return "yes" if kind == "error" and command == "insert" else result.removeprefix("error ")


def tell_deletion(answer: str, counted: str) -> str:
    """All rows, some, none; or hidden, by a trigger that lets no row be counted."""
    touched, _, left = answer.partition(" ")
    if touched == "0":
        return "none" if f"ok {left}" == counted else "hidden"
    return "yes" if left == "0" else "some"


def describe_rights(table: Table, worlds: Worlds) -> list[str]:
    """One line for all who get the same, in words that differ when anything differs; most people come last."""
    groups: dict[str, list[str]] = {}
    attempts = attempts_on(table, worlds)
    for actor in EVERYBODY:
        groups.setdefault(summarize(rights_of(actor, worlds, attempts)), []).append(actor.name)
    (most, _) = last = max(groups.items(), key=lambda group: len(group[1]))
    lines = [f"{', '.join(actors)}: {summary}" for summary, actors in groups.items() if summary != most]
    return [*lines, f"{'everybody else' if lines else 'everybody'}: {last[0]}"]


def summarize(results: dict[str, str]) -> str:
    """By side and command; columns are named where they differ, and truncate where it is not refused."""
    told: dict[str, dict[str, dict[str, list[str]]]] = {}
    for name, result in results.items():
        side, command, column = (*name.split(" "), "", "")[:3]
        if name != "truncate" or result != REFUSED:
            told.setdefault(side, {}).setdefault(command, {}).setdefault(result, []).append(column)
    return "; ".join(f"{side}: {join_commands(commands)}" for side, commands in told.items())


def join_commands(commands: dict[str, dict[str, list[str]]]) -> str:
    words = {command: join_columns(by_result) for command, by_result in commands.items()}
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return ", ".join(f"{command} {word}" for command, word in words.items())


def join_columns(by_result: dict[str, list[str]]) -> str:
    if len(by_result) == 1:
        return next(iter(by_result))
    rarest = sorted(by_result.items(), key=lambda item: len(item[1]))
    named = [f"{result} ({' '.join(columns)})" for result, columns in rarest[:-1]]
    return "/".join([*named, f"{rarest[-1][0]} (other columns)"])
