"""Deciding, once per conversion, which organizations the people of the old database are in."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.changes import change_schema, run_patiently
from tenants.backfill.derive.objects import people_table
from tenants.backfill.events import Event, Finished, Said, Started
from tenants.backfill.jobs import set_lock_timeout
from tenants.backfill.people.creation import Creation, decide_creation, usable_email
from tenants.backfill.people.memberships import compose_decision
from tenants.backfill.people.objects import compose_drop, compose_functions, compose_table, compose_turn
from tenants.backfill.people.source import PeopleSource, ours, read_source
from tenants.backfill.plan.model import Plan
from tenants.backfill.reading import let_owner_read
from tenants.models import Conversion, Phase
from tenants.scope import owner_scope

JOB = "backfill_org_ids"
BATCH_ROWS = 5_000
# Making a person writes a dozen rows and their log: a batch of them is to be short too.
BATCH_MADE = 200
# Below deadlock_timeout: who waits for the old application gives way before either is chosen as a victim.
LOCK_MS = 500
EXAMPLES = 5
NEXT_KEY = """
select {key}::text from (select {key} from {source} as l where {start} order by {key} limit {rows}) as l
order by {key} desc limit 1
"""
# In the order of the unique index, so that two who make the same people do not wait for each other in a ring.
CREATE = """
insert into {users} ({columns})
select {values} from (
    select distinct on (lower({email})) {key} as key, {email} as email from {source} as l
    where {within} and {usable} and not exists (select from {users} as u where {match})
    order by lower({email}), {key}
) as l order by lower(l.email) on conflict do nothing
"""
# Whom a decision was taken about keeps it, whatever became of their memberships since.
DECIDE = """
insert into {table} as p (person, user_id, org_id, active_org, earliest_org, orgs)
select {key}, u.id, case when d.orgs = 1 then d.earliest_org end, d.active_org, d.earliest_org, coalesce(d.orgs, 0)
from {source} as l left join {users} as u on {match} left join lateral ({decision}) as d on true
where {within} and not exists (select from {table} as known where {known} and known.orgs > 0)
order by {key}
on conflict (person) do update
set user_id = excluded.user_id, org_id = excluded.org_id, active_org = excluded.active_org,
    earliest_org = excluded.earliest_org, orgs = excluded.orgs, decided_at = clock_timestamp()
where p.orgs = 0
"""
UNKNOWN = "from {source} as l where not exists (select from {users} as u where {match})"


class PeopleMissing(RuntimeError):
    """The old database has people whom Tenantry does not know, and the plan says to stop then."""


@dataclass(frozen=True)
class Mapping:
    """The people of one conversion, and what to do about those we do not know."""

    conversion: Conversion
    source: PeopleSource
    creation: Creation

    def parts(self) -> dict[str, sql.Composable]:
        return {
            "table": people_table(self.conversion),
            "users": ours("users"),
            "source": self.source.relation,
            "key": self.source.key_of("l"),
            "email": self.source.email_of("l"),
            "match": self.source.match("l", "u"),
        }


def map_people(conversion: Conversion, plan: Plan, *, lock_ms: int = LOCK_MS) -> Iterator[Event]:
    """Make the people that the plan wants made, and decide about everybody; again for those who came since."""
    yield Started("", "people")
    mapping = prepare_people(conversion, plan, lock_ms=lock_ms)
    if plan.people and not mapping.creation.wanted:
        _refuse_unknown(mapping, str(plan.people.table))
    yield from decide_everybody(mapping, lock_ms=lock_ms)
    yield from _report(mapping)


def prepare_people(conversion: Conversion, plan: Plan, *, lock_ms: int) -> Mapping:
    """The table of decisions and the functions beside it; made anew they follow the plan."""
    source = read_source(plan.people)
    mapping = Mapping(conversion, source, decide_creation(plan.people, source))
    if source.table:
        let_owner_read(conversion, source.table, lock_ms=lock_ms)
    create = [] if _stands(conversion) else [compose_table(conversion, source)]
    change_schema(
        conversion,
        compose_turn(conversion),
        *create,
        *compose_functions(conversion, source, mapping.creation),
        phase=Phase.COLUMN,
        kind="people",
        name=people_table(conversion).as_string(None),
        undo=compose_drop(conversion),
        lock_ms=lock_ms,
        as_owner=True,
    )
    return mapping


def decide_everybody(mapping: Mapping, *, lock_ms: int) -> Iterator[Event]:
    """In the order of their keys; each batch is whole, so that a killed run begins again without harm."""
    after: str | None = None
    batches = 0
    while (upto := _find_end(mapping, after)) is not None:
        run_patiently(lambda a=after, b=upto: _decide_batch(mapping, a, b, lock_ms), what="people", lock_ms=lock_ms)  # type: ignore[misc]
        batches, after = batches + 1, upto
        if batches % 20 == 0:
            yield Said("", f"{batches * _batch_rows(mapping):,} people decided")


def _decide_batch(mapping: Mapping, after: str | None, upto: str, lock_ms: int) -> None:
    parts = mapping.parts() | {"within": _compose_range(mapping, after, upto)}
    parts["known"] = sql.SQL("known.person = {}").format(parts["key"])
    scope = owner_scope(JOB, "people of the old database")
    with transaction.atomic(durable=True), scope, connection.cursor() as cursor:
        set_lock_timeout(cursor, lock_ms)
        if mapping.creation.wanted:
            _create_batch(cursor, mapping.creation, parts)
        cursor.execute(sql.SQL(DECIDE).format(**parts, decision=compose_decision("u")), None)


def _create_batch(cursor: CursorWrapper, creation: Creation, parts: dict[str, sql.Composable]) -> None:
    values = creation.values(sql.Identifier("l", "key"), sql.Identifier("l", "email"))
    statement = sql.SQL(CREATE).format(
        columns=creation.columns(), values=values, usable=usable_email(parts["email"]), **parts
    )
    cursor.execute("select set_config('tenantry.provision', %s, true)", [creation.provision()])
    cursor.execute(statement, None)
    cursor.execute("select set_config('tenantry.provision', '', true)")


def _batch_rows(mapping: Mapping) -> int:
    return BATCH_MADE if mapping.creation.wanted else BATCH_ROWS


def _find_end(mapping: Mapping, after: str | None) -> str | None:
    statement = sql.SQL(NEXT_KEY).format(
        key=mapping.source.key_of("l"),
        source=mapping.source.relation,
        start=_compose_start(mapping, after),
        rows=sql.Literal(_batch_rows(mapping)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, None)
        row = cursor.fetchone()
    return None if row is None else str(row[0])


def _compose_start(mapping: Mapping, after: str | None) -> sql.Composable:
    if after is None:
        return sql.SQL("true")
    return sql.SQL("{} > {}::{}").format(mapping.source.key_of("l"), sql.Literal(after), mapping.source.key.sql_type)


def _compose_range(mapping: Mapping, after: str | None, upto: str) -> sql.Composable:
    return sql.SQL("({} and {} <= {}::{})").format(
        _compose_start(mapping, after), mapping.source.key_of("l"), sql.Literal(upto), mapping.source.key.sql_type
    )


def _refuse_unknown(mapping: Mapping, table: str) -> None:
    unknown = sql.SQL(UNKNOWN).format(**mapping.parts())
    shown = sql.SQL("coalesce({}, {}::text)").format(mapping.source.email_of("l"), mapping.source.key_of("l"))
    statement = sql.SQL("select count(*), (array_agg({shown} order by {shown}))[1:{examples}] {unknown}").format(
        shown=shown, examples=sql.Literal(EXAMPLES), unknown=unknown
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, None)
        count, examples = cursor.fetchone()
    if count:
        names = ", ".join(examples) + (" …" if count > len(examples) else "")
        raise PeopleMissing(
            f"{count:,} people of {table} are unknown to Tenantry: {names}. Invite them, or choose in [people] of the"
            ' plan: missing = "create", or missing = "create-in:SLUG". Nothing was changed in the old database.'
        )


def _report(mapping: Mapping) -> Iterator[Event]:
    statement = sql.SQL(
        "select count(*), count(*) filter (where user_id is null), count(*) filter (where user_id is not null and"
        " orgs = 0), count(*) filter (where orgs > 1) from {}"
    ).format(people_table(mapping.conversion))
    with connection.cursor() as cursor:
        cursor.execute(statement, None)
        total, unknown, without, several = cursor.fetchone()
    yield Finished(
        "",
        "people",
        f"{total:,} people: {unknown:,} unknown, {without:,} without organization, {several:,} in several",
    )


def _stands(conversion: Conversion) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", [people_table(conversion).as_string(None)])
        return bool(cursor.fetchone()[0])
