"""Many attempts in one message, in the middle of a transaction: each is undone, whatever it did."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from audit.claims import sign_ticket
from tests.attack.actors import Actor
from tests.worlds import Worlds

# A question is answered after the statement, and before it is undone.
ATTEMPT = """
create schema tenantry_attack;
create function tenantry_attack.attempt(statement text, question text) returns text language plpgsql as $$
declare
    answer text;
    touched bigint;
    told text;
    broken text;
begin
    if statement ~ '^select' then
        execute statement into answer;
    else
        execute statement;
        get diagnostics touched = row_count;
        answer := touched;
    end if;
    if question <> '' then
        execute question into told;
        answer := answer || ' ' || told;
    end if;
    raise exception using errcode = 'TUNDO', message = 'ok ' || coalesce(answer, '');
exception
    when sqlstate 'TUNDO' then
        return sqlerrm;
    when insufficient_privilege then
        return case when sqlerrm ~ 'row-level security' then 'policy' else '-' end;
    when others then
        get stacked diagnostics broken = constraint_name;
        return trim('error ' || sqlstate || ' ' || broken);
end $$;
grant usage on schema tenantry_attack to public;
grant execute on function tenantry_attack.attempt(text, text) to public;
"""
REFUSED, POLICY = "-", "policy"


@dataclass(frozen=True)
class Attempt:
    """A statement without parameters: a select of one text, or a command."""

    name: str
    statement: str
    question: str = ""


def compose(text: str, **values: Any) -> str:
    """Fill in values as literals, and names that are `sql.Identifier`."""
    filled = {k: v if isinstance(v, sql.Composable) else sql.Literal(v) for k, v in values.items()}
    return sql.SQL(text).format(**filled).as_string(connection.connection)


@contextmanager
def undone() -> Iterator[Any]:
    """A cursor whose work does not last."""
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            yield cursor
        finally:
            transaction.set_rollback(True)


@contextmanager
def ready_to_attempt() -> Iterator[None]:
    """The function that attempts, while the block lasts; nothing else that happens in it lasts either."""
    with undone() as cursor:
        cursor.execute(ATTEMPT, None)
        yield


def attempt_as(actor: Actor, worlds: Worlds, attempts: Sequence[Attempt]) -> dict[str, str]:
    """What became of each, as this actor; `-` is refused for lack of a right."""
    with undone() as cursor:
        if actor.surface:
            given = {k: v if isinstance(v, bool) else str(v) for k, v in actor.claims(worlds).items() if v is not None}
            ticket = sign_ticket({**given, "surface": actor.surface})
            try:
                with transaction.atomic():
                    cursor.execute("select private.enter_scope(%s)", [ticket])
            except Exception as error:
                return {"enter": f"error {getattr(error.__cause__, 'sqlstate', error)}"}
        return attempt_in(cursor, actor.role, attempts)


def attempt_in(cursor: Any, role: str, attempts: Sequence[Attempt]) -> dict[str, str]:
    """The same in a role, with the claims that are in force."""
    cursor.execute("select set_config('role', %s, true)", [role])
    cursor.execute(
        "select n, tenantry_attack.attempt(s, q) from unnest(%s::text[], %s::text[], %s::text[]) as a (n, s, q)",
        [[getattr(a, part) for a in attempts] for part in ("name", "statement", "question")],
    )
    return dict(cursor.fetchall())
