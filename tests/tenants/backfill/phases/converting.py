"""The old shop on its way: a plan for its tables, and a short way to each phase."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from accounts.models import User
from tenants.backfill.catalog.reading import read_catalog
from tenants.backfill.derive.expression import compose_derivation, read_decisions
from tenants.backfill.errors import PhaseRefused
from tenants.backfill.events import Event
from tenants.backfill.names import TableName, read_name
from tenants.backfill.people.mapping import map_people
from tenants.backfill.phases.column import run_column
from tenants.backfill.phases.constrain import run_constrain
from tenants.backfill.phases.cutover import run_cutover
from tenants.backfill.phases.guard import run_guard
from tenants.backfill.phases.release import run_release
from tenants.backfill.phases.rollback import roll_back
from tenants.backfill.phases.start import open_conversion
from tenants.backfill.plan.model import PeoplePlan, Plan, TablePlan, read_choice, read_route
from tenants.models import Conversion, ConversionTable, Organization, Phase, TableState
from tests.catalog import take_snapshot
from tests.databases import login_dsn
from tests.factories import make_person, org_of
from tests.tenants.backfill.legacy import ODD, TABLES, Legacy, legacy_database

LOCK_MS = 500
ROUTES = {
    "orders": "user:user_id",
    "order_lines": "parent:region,no",
    "notes": "user:owner_id",
    "events": "user:user_id",
    "log": "user:user_id",
}


@dataclass
class Shop:
    """The old database, its conversion, and two people of two organizations with a row each in every table."""

    legacy: Legacy
    plan: Plan
    us: User
    them: User
    keys: dict[Any, int] = field(default_factory=dict)
    people: tuple[int, int] = (0, 0)

    @property
    def ours(self) -> Organization:
        return org_of(self.us)

    @property
    def theirs(self) -> Organization:
        return org_of(self.them)

    @property
    def conversion(self) -> Conversion:
        return open_conversion(self.plan, self._catalog(), actor="test")

    def _catalog(self) -> Any:
        with connection.cursor() as cursor:
            return read_catalog(cursor, [self.legacy.schema])

    def table(self, name: str) -> ConversionTable:
        return ConversionTable.objects.get(conversion=self.conversion, name=str(TableName(self.legacy.schema, name)))

    def decide(self, **decisions: Any) -> None:
        """Change a decision in every section of the plan."""
        tables = {name: replace(t, **decisions) for name, t in self.plan.tables.items()}
        self.plan = replace(self.plan, tables=tables)

    def decide_table(self, name: str, **decisions: Any) -> None:
        key = TableName(self.legacy.schema, name)
        self.plan = replace(self.plan, tables={**self.plan.tables, key: replace(self.plan.tables[key], **decisions)})

    def add_columns(self) -> None:
        conversion = self.conversion
        list(map_people(conversion, self.plan))
        for table in conversion.tables.order_by("position"):
            list(run_column(table, self.plan, lock_ms=LOCK_MS))

    def fill(self) -> None:
        """What the engine does in batches, at once."""
        self.add_columns()
        for table in self.conversion.tables.order_by("position"):
            derivation = compose_derivation(read_decisions(table), "t")
            update = sql.SQL("update {} t set org_id = {} where org_id is null").format(
                read_name(table.name).sql, derivation
            )
            self.run(update.as_string(None))
            table.phase, table.state = Phase.FILL, TableState.DONE
            table.save()

    def constrain(self) -> list[Event]:
        self.fill()
        return self.constrain_only()

    def constrain_only(self) -> list[Event]:
        return list(run_constrain(self.conversion, self.plan, lock_ms=LOCK_MS))

    def guard(self) -> list[Event]:
        self.constrain()
        return self.guard_only()

    def guard_only(self) -> list[Event]:
        return list(run_guard(self.conversion, self.plan, lock_ms=LOCK_MS))

    def cut_over(self) -> list[Event]:
        return list(run_cutover(self.conversion, self.plan, lock_ms=LOCK_MS))

    def release(self) -> list[Event]:
        return list(run_release(self.conversion, self.plan, lock_ms=LOCK_MS))

    def roll_back(self, to: Phase) -> None:
        list(roll_back(Conversion.objects.latest("number"), to=to, lock_ms=LOCK_MS))

    def run(self, statement: str, parameters: Any = None) -> list[Any]:
        """With the rights of the login and of our owner role, whatever the guard says."""
        return self.legacy.run(statement, parameters)

    def count_as_app(self, table: str) -> int:
        """How many rows the old application sees."""
        return int(self.legacy.run_as_app(f"select count(*) from {{s}}.{table}")[0][0])


@contextmanager
def shop(schema: str = "old_shop", routes: dict[str, str] = ROUTES, tables: str = TABLES) -> Iterator[Shop]:
    """Two rows in every table, one of each organization; leaves nothing behind."""
    with legacy_database(schema, tables) as legacy:
        us, them = make_person(), make_person()
        made = Shop(legacy, make_plan(legacy, routes), us, them)
        made.people = tuple(legacy.add_people(us, them))  # type: ignore[assignment]
        if tables == TABLES:
            add_rows(made)
        yield made


def make_plan(legacy: Legacy, routes: dict[str, str]) -> Plan:
    """The application's role is kept, the tables' owner too."""
    names = {TableName(legacy.schema, table): read_route(route) for table, route in routes.items()}
    keep = (legacy.app, legacy.owner)
    tables = {name: TablePlan(name, route, no_org=read_choice("stop"), keep=keep) for name, route in names.items()}
    people = PeoplePlan(TableName(legacy.schema, "people"), "email:email")
    return Plan((legacy.schema,), tables, people, text="by hand")


def add_rows(made: Shop) -> None:
    run = made.run
    for number, person in enumerate(made.people, 1):
        run("insert into {s}.orders (region, no, user_id, note) values ('n', %s, %s, 'old')", [number, person])
        run("insert into {s}.order_lines (region, no) values ('n', %s)", [number])
        run("insert into {s}.notes (owner_id, body) values (%s, 'old')", [person])
        for year in (2024, 2026):
            run("insert into {s}.events (at, user_id, what) values (make_date(%s, 1, 1), %s, 'old')", [year, person])
        run("insert into {s}.log (user_id, line) values (%s, 'old')", [person])


@contextmanager
def old_login(legacy: Legacy, role: str) -> Iterator[psycopg.Connection[Any]]:
    """A real login that inherits a role of the old database, as an application comes in."""
    name = f"{role}_login"[-63:]
    with psycopg.connect(login_dsn(connection.settings_dict["NAME"]), autocommit=True) as session:
        session.execute(sql.SQL("create role {} login in role {}").format(sql.Identifier(name), sql.Identifier(role)))
        try:
            dsn = login_dsn(connection.settings_dict["NAME"], user=name)
            with psycopg.connect(dsn, autocommit=True) as login:
                yield login
        finally:
            session.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def snapshot() -> dict[str, set[tuple[Any, ...]]]:
    """Everything in the database that a conversion could leave behind."""

    class Session:
        def execute(self, query: str) -> object:
            cursor = connection.cursor()
            cursor.execute(query)
            return cursor

    return take_snapshot(Session())


def refusal(made: Shop) -> str:
    """What the guard says instead of beginning."""
    with pytest.raises(PhaseRefused) as refused:
        made.guard_only()
    return str(refused.value)


__all__ = ["ODD"]
