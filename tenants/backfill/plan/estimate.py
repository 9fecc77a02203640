"""The dry run: what a plan would do to each table, found out without writing anything."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.conf import settings
from psycopg import sql

from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.discover.comments import warn_of_copies
from tenants.backfill.fill.choose import HOT, choose_strategy
from tenants.backfill.fill.choose import Choice as Strategy
from tenants.backfill.fill.relations import read_relations
from tenants.backfill.people.source import PeopleSource, read_source
from tenants.backfill.plan.check import complete_catalog
from tenants.backfill.plan.counting import Group, Uncounted, count_groups, count_people, find_end, is_sampled
from tenants.backfill.plan.model import Choice, ChoiceKind, Plan, TablePlan
from tenants.backfill.plan.rendering import render_estimates
from tenants.backfill.plan.routes import order_tables
from tenants.backfill.plan.steps import Step, is_given_by_default, list_steps
from tenants.backfill.plan.timing import Pace, measure_pace

__all__ = ["TableEstimate", "estimate_plan", "render_estimates"]
NEW_ORG = "(an organization of their own)"


@dataclass(frozen=True)
class TableEstimate:
    """What a run would find and do in one table; counts of a sampled table are estimates."""

    table: str
    route: str
    rows: int = 0
    about: bool = False
    """Counted in a sample of the rows."""
    kept: int = 0
    """Rows with an organization already."""
    nulls: int = 0
    orphans: int = 0
    without_org: int = 0
    many_orgs: int = 0
    orgs: dict[str, int] = field(default_factory=dict)
    """Rows by the slug of their organization."""
    seconds: float = 0.0
    basis: str = ""
    """Where the expected time comes from."""
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def estimate_plan(plan: Plan, catalog: Catalog, cursor: Any) -> list[TableEstimate]:
    """Look at the people, then at each table that converts, parents first, then name the exempt ones.

    Wants a transaction around it, read only if you like.
    """
    catalog = complete_catalog(plan, catalog, cursor)
    with _as_login(cursor):
        source, pace = read_source(plan.people), measure_pace(cursor)
        slugs = _read_slugs(cursor)
        found = [_estimate_people(plan, source, cursor)] if plan.people else []
        for name in order_tables(plan, catalog):
            found.append(_estimate_table(plan.tables[name], plan, catalog, source, cursor, slugs, pace))
    return found


@contextmanager
def _as_login(cursor: Any) -> Iterator[None]:
    """The owner role may not read the old tables; the login that converts them may."""
    cursor.execute("select current_setting('role')")
    role = cursor.fetchone()[0]
    cursor.execute("select set_config('role', 'none', true)")
    yield
    # After an error the transaction is over, and its role with it.
    cursor.execute("select set_config('role', %s, true)", [role])


def _read_slugs(cursor: Any) -> dict[Any, str]:
    statement = sql.SQL("select id, slug from {}.organizations").format(sql.Identifier(settings.TENANTRY_SCHEMA))
    cursor.execute(statement.as_string(None))
    return dict(cursor.fetchall())


def _estimate_people(plan: Plan, source: PeopleSource, cursor: Any) -> TableEstimate:
    assert plan.people is not None  # noqa: S101 - asked by the caller
    missing = f"{plan.people.missing}:{plan.people.slug}" if plan.people.slug else plan.people.missing
    estimate = TableEstimate(str(plan.people.table), f"people, match {plan.people.match}, missing {missing}")
    try:
        people, unknown, without, many = count_people(cursor, source)
    except Uncounted as why:
        return replace(estimate, notes=(f"not counted: {why}",))
    stops = (f'{unknown:,} people are no users here, and missing = "stop"',) if unknown and missing == "stop" else ()
    return replace(estimate, rows=people, orphans=unknown, without_org=without, many_orgs=many, stops=stops)


def _estimate_table(
    table_plan: TablePlan,
    plan: Plan,
    catalog: Catalog,
    source: PeopleSource,
    cursor: Any,
    slugs: dict[Any, str],
    pace: Pace,
) -> TableEstimate:
    table = catalog.tables[table_plan.name]
    choice = _choose_strategy(table_plan, table, cursor)
    estimate = TableEstimate(
        str(table.name),
        str(table_plan.route),
        table.rows,
        basis=pace.basis,
        steps=tuple(list_steps(table_plan, plan, catalog, cursor, passes=choice.strategy == HOT)),
    )
    try:
        groups, _ = count_groups(cursor, table_plan, plan, catalog, source)
    except Uncounted as why:
        note = f"not counted: {why}; the rows are the planner's guess"
        return replace(estimate, about=True, notes=(note,), seconds=_guess_seconds(table_plan, table, table.rows, pace))
    end = find_end(table_plan, plan, catalog)
    tally = _Tally(table_plan, plan, slugs, groups, end.route.slug if end else "")
    rows = sum(group.rows for group in groups)
    return replace(
        estimate,
        rows=rows,
        about=is_sampled(table),
        kept=tally.kept,
        nulls=tally.nulls,
        orphans=tally.orphans,
        without_org=tally.without_org,
        many_orgs=tally.many_orgs,
        orgs=dict(sorted(tally.orgs.items(), key=lambda item: (-item[1], item[0]))),
        seconds=_guess_seconds(table_plan, table, rows - tally.kept, pace),
        notes=(*_warn(table), f"filled by {choice.strategy}: {choice.reason}", *tally.notes(table)),
        stops=tuple(tally.stops()),
    )


def _warn(table: Table) -> Iterator[str]:
    if warning := warn_of_copies(table):
        yield warning


def _choose_strategy(table_plan: TablePlan, table: Table, cursor: Any) -> Strategy:
    """Chosen anew when the fill begins; a column that stood before is filled even where its default is constant."""
    constant = is_given_by_default(table_plan, table)
    return choose_strategy(cursor, read_relations(cursor, table.oid), constant=constant)


def _guess_seconds(table_plan: TablePlan, table: Table, rows: int, pace: Pace) -> float:
    """From rows and width; a column that comes with its default is only looked through."""
    if is_given_by_default(table_plan, table):
        return pace.expect_check(rows)
    return pace.expect_fill(rows, table.bytes / table.rows if table.rows else 0)


class _Tally:
    """The groups of one table added up by the plan's choices."""

    def __init__(
        self, table_plan: TablePlan, plan: Plan, slugs: dict[Any, str], groups: list[Group], fixed: str
    ) -> None:
        self.plan, self.people, self.slugs = table_plan, plan.people, slugs
        self.strangers = self.kept = self.nulls = self.orphans = self.without_org = self.many_orgs = 0
        self.orgs: Counter[str] = Counter()
        self.fixed = fixed
        for group in groups:
            self._add(group)

    def _add(self, group: Group) -> None:
        if group.state == "kept":
            self.kept += group.rows
            self.strangers += 0 if group.kept in self.slugs else group.rows
            self.orgs[self.slugs.get(group.kept, str(group.kept))] += group.rows
        elif group.state == "fixed":
            self.orgs[self.fixed] += group.rows
        elif group.state == "null":
            self.nulls += group.rows
            self._choose(self.plan.no_org, group)
        elif group.state == "orphan" or not group.is_person:
            self.orphans += group.rows
            self._choose(self.plan.no_org, group)
        elif group.orgs > 1:
            self.many_orgs += group.rows
            self._choose(self.plan.many_orgs, group)
        elif group.orgs == 1:
            self.orgs[self.slugs.get(group.earliest_org, "")] += group.rows
        elif not group.is_user and self.people and self.people.missing != "stop":
            self.orgs[self.people.slug or NEW_ORG] += group.rows
        else:
            self.without_org += group.rows
            self._choose(self.plan.no_org, group)

    def _choose(self, choice: Choice, group: Group) -> None:
        if choice.kind is ChoiceKind.ORG:
            self.orgs[choice.slug] += group.rows
        elif choice.kind is ChoiceKind.ACTIVE:
            self.orgs[self.slugs.get(group.active_org, "")] += group.rows
        elif choice.kind is ChoiceKind.EARLIEST:
            self.orgs[self.slugs.get(group.earliest_org, "")] += group.rows

    def _undecided(self, kind: ChoiceKind) -> Iterator[str]:
        lost = self.nulls + self.orphans + self.without_org
        if lost and self.plan.no_org.kind is kind:
            parts = f"{self.nulls:,} without person or parent, {self.orphans:,} whose person or parent is missing"
            parts += f", {self.without_org:,} whose person is no user here or in none"
            yield f"{lost:,} rows find no organization ({parts})"
        if self.many_orgs and self.plan.many_orgs.kind is kind:
            yield f"{self.many_orgs:,} rows are of people in several organizations"

    def stops(self) -> Iterator[str]:
        keys = {"find no": "no_org", "are of": "many_orgs"}
        for sentence in self._undecided(ChoiceKind.STOP):
            key = next(key for words, key in keys.items() if words in sentence)
            yield f'{sentence}, and {key} = "stop"'
        if self.strangers:
            yield f"{self.strangers:,} rows have an org_id that names no organization: constrain would refuse them"

    def notes(self, table: Table) -> Iterator[str]:
        for sentence in self._undecided(ChoiceKind.QUARANTINE):
            yield f"{sentence}: they go into quarantine, and constrain waits until they are decided"
        if table.row_security:
            yield "under row security: what its policies hide from this login is not counted"
        own = [t.name for t in table.triggers if not t.ours]
        if own and self.plan.triggers == "stop":
            yield f'it has triggers of its own ({", ".join(own)}), and triggers = "stop": the run refuses'
