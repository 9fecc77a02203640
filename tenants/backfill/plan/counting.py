"""Counting where the rows of a table would go, without writing: exactly up to a bound, from a sample above."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from psycopg import errors, sql

from postgres.errors import first_line
from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.derive.keys import compare, match_rows, read_key
from tenants.backfill.people.memberships import compose_decision
from tenants.backfill.people.source import PeopleSource, ours
from tenants.backfill.plan.model import Plan, RouteKind, TablePlan
from tenants.backfill.plan.obstacles import keeps_orgs
from tenants.backfill.plan.routes import resolve_route

MOST_EXACT = 1_000_000
SAMPLE = 100_000
# Of one question; what takes longer is not known before the run.
PATIENCE_MS = 20_000
GROUPS = """
with counted as (
    select {state} as state, {kept} as kept, {person} as person, count(*) as rows
    from {source} as t{joins} group by 1, 2, 3
)
select c.state, c.kept, {is_person} as is_person, u.id is not null as is_user, coalesce(d.orgs, 0) as orgs,
    d.earliest_org, d.active_org, sum(c.rows)::bigint as rows
from counted as c left join {people} as l on c.state = 'person' and {match_person}
    left join {users} as u on l.{key} is not null and {match_user}
    left join lateral ({decision}) as d on u.id is not null
group by 1, 2, 3, 4, 5, 6, 7
"""
PEOPLE = """
select count(*) as people, count(*) filter (where u.id is null) as unknown,
    count(*) filter (where u.id is not null and coalesce(d.orgs, 0) = 0) as without_org,
    count(*) filter (where d.orgs > 1) as many_orgs
from {people} as l left join {users} as u on {match_user} left join lateral ({decision}) as d on u.id is not null
"""


class Uncounted(Exception):
    """A question that a dry run gets no answer to; the words say why."""


@dataclass(frozen=True)
class Group:
    """Rows that fare alike; `scaled` from a sample where that was taken."""

    state: str
    """`null`, `orphan`, `fixed`, `person` or `kept`."""
    kept: Any
    is_person: bool
    is_user: bool
    orgs: int
    earliest_org: Any
    active_org: Any
    rows: int


@dataclass(frozen=True)
class Link:
    """A table on the way from the rows to their person: its alias, and how it is joined."""

    alias: str
    table: Table
    join: sql.Composable


def ask(cursor: Any, statement: sql.Composable) -> list[tuple[Any, ...]]:
    """Ask with bounded patience, inside the transaction of the dry run."""
    try:
        with transaction.atomic():
            cursor.execute(f"set local statement_timeout = {PATIENCE_MS}")
            cursor.execute(statement.as_string(None), None)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            cursor.execute("set local statement_timeout = 0")
            return rows
    except DatabaseError as error:
        if isinstance(error.__cause__, errors.QueryCanceled):
            raise Uncounted("it took too long") from error
        if isinstance(error, OperationalError | InterfaceError):
            raise
        # Policies of the table's own are made for other logins: what they ask for, this one may lack.
        raise Uncounted(f"this login was refused: {first_line(error)}") from error


def is_sampled(table: Table) -> bool:
    return table.rows > MOST_EXACT


def compose_source(table: Table) -> sql.Composable:
    """The table, or a repeatable sample of its pages."""
    if not is_sampled(table):
        return table.name.sql
    # TABLESAMPLE stands behind the alias in SQL: hence the inner select.
    share = min(100.0, 100.0 * SAMPLE / table.rows)
    return sql.SQL("(select * from {} tablesample system ({}) repeatable (1))").format(
        table.name.sql, sql.Literal(share)
    )


def count_groups(
    cursor: Any, table_plan: TablePlan, plan: Plan, catalog: Catalog, source: PeopleSource
) -> tuple[list[Group], int]:
    """Rows by how they would fare, and how many were looked at."""
    table = catalog.tables[table_plan.name]
    statement = _compose_groups(table_plan, plan, catalog, source)
    groups = [Group(*row) for row in ask(cursor, statement)]
    seen = sum(group.rows for group in groups)
    if not is_sampled(table) or not seen:
        return groups, seen
    scale = table.rows / seen
    return [Group(*[*_first(group), round(group.rows * scale)]) for group in groups], seen


def _first(group: Group) -> list[Any]:
    names = ("state", "kept", "is_person", "is_user", "orgs", "earliest_org", "active_org")
    return [getattr(group, name) for name in names]


def _compose_groups(table_plan: TablePlan, plan: Plan, catalog: Catalog, source: PeopleSource) -> sql.Composed:
    links = list(_follow(table_plan, plan, catalog))
    end = links[-1]
    last = plan.tables.get(end.table.name)
    aliases = [link.alias for link in links if keeps_orgs(link.table)]
    kept = [sql.Identifier(alias, "org_id") for alias in aliases]
    person: sql.Composable = sql.SQL("null::text")
    match: sql.Composable = sql.SQL("false")
    if last and last.route.kind is RouteKind.USER:
        (column,) = read_key(end.table.name, last.route.columns)
        person = sql.Identifier(end.alias, column.name)
        match = compare(source.key_of("l"), source.key, sql.SQL("c.person"), column)
    return sql.SQL(GROUPS).format(
        state=_compose_state(table_plan, links, last, kept),
        kept=sql.SQL("coalesce({})").format(sql.SQL(", ").join(kept)) if kept else sql.SQL("null::uuid"),
        person=person,
        source=compose_source(catalog.tables[table_plan.name]),
        joins=sql.SQL("").join(link.join for link in links),
        match_person=match,
        is_person=sql.SQL("l.{} is not null").format(sql.Identifier(source.key.name)),
        key=sql.Identifier(source.key.name),
        **_people_parts(source),
    )


def _people_parts(source: PeopleSource) -> dict[str, sql.Composable]:
    return {
        "people": source.relation,
        "users": ours("users"),
        "match_user": source.match("l", "u"),
        "decision": compose_decision("u"),
    }


def _follow(table_plan: TablePlan, plan: Plan, catalog: Catalog) -> Iterator[Link]:
    """The tables from the rows to whatever decides about them, each joined to the one before."""
    yield Link("t", catalog.tables[table_plan.name], sql.SQL(""))
    at, alias, number = table_plan, "t", 0
    while at.route.kind is RouteKind.PARENT:
        route = resolve_route(at, catalog)
        assert route.to is not None  # noqa: S101 - resolved routes name their target
        number += 1
        joined = f"p{number}"
        match = match_rows(alias, at.name, route.columns, joined, route.to, route.to_columns)
        join = sql.SQL(" left join {} as {} on {}").format(route.to.sql, sql.Identifier(joined), match)
        yield Link(joined, catalog.tables[route.to], join)
        parent = plan.tables.get(route.to)
        if parent is None or not parent.converts:
            return
        at, alias = parent, joined


def find_end(table_plan: TablePlan, plan: Plan, catalog: Catalog) -> TablePlan | None:
    """The plan of the table at the end of the way; None where that is not part of the plan."""
    *_, end = _follow(table_plan, plan, catalog)
    return plan.tables.get(end.table.name)


def _compose_state(
    table_plan: TablePlan, links: list[Link], last: TablePlan | None, kept: list[sql.Identifier]
) -> sql.Composable:
    """What is known of a row before anybody asks for its person."""
    cases: list[sql.Composable] = []
    if kept:
        cases.append(sql.SQL("when coalesce({}) is not null then 'kept'").format(sql.SQL(", ").join(kept)))
    for column in table_plan.route.columns:
        cases.append(sql.SQL("when {} is null then 'null'").format(sql.Identifier("t", column)))
    for link in links[1:]:
        cases.append(sql.SQL("when {} is null then 'orphan'").format(sql.Identifier(link.alias, "tableoid")))
    end = "'fixed'" if last and last.route.kind is RouteKind.ORG else "'person'"
    if not cases:
        return sql.SQL(end)
    return sql.SQL("case {} else {} end").format(sql.SQL(" ").join(cases), sql.SQL(end))


def count_people(cursor: Any, source: PeopleSource) -> tuple[int, int, int, int]:
    """All people, those unknown here, those without organization and those in several."""
    row = ask(cursor, sql.SQL(PEOPLE).format(**_people_parts(source)))[0]
    return (row[0], row[1], row[2], row[3])
