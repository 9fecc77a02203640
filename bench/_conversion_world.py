"""The tables that the conversion bench fills: some of the same rows each, and people of as many organizations."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import sql

from tenants.backfill.catalog.model import Catalog
from tenants.backfill.names import TableName
from tenants.backfill.people.mapping import map_people
from tenants.backfill.phases.column import run_column
from tenants.backfill.phases.start import open_conversion
from tenants.backfill.plan.model import PeoplePlan, Plan, TablePlan, read_route
from tenants.models import Conversion

SCHEMA = "bench_old"
PEOPLE = 1_000
LOCK_MS = 1_000
TABLE = """
create table {table} (id bigint primary key, user_id bigint not null, title text, amount numeric,
    created_at timestamptz not null default now());
insert into {table} select g, 1 + (g * 7919) % {people}, 'title of row ' || g || repeat('x', (g % 60)::int), g / 7.0,
    timestamptz '2024-01-01' + g * interval '1 second' from generate_series(1, {rows}::bigint) g;
create index on {table} (user_id);
create index on {table} (created_at);
"""


@dataclass
class Figures:
    """What one way of filling took."""

    way: str
    rows: int
    seconds: float
    wal: float = 0.0
    growth: float = 0.0
    hot: float = 0.0
    longest_ms: float = 0.0
    note: str = ""

    @property
    def rate(self) -> float:
        return self.rows / self.seconds

    def line(self, against: "Figures | None" = None) -> str:
        """One line, with ratios to another way."""
        text = f"{self.way:38} {self.rate / 1000:7.1f}k rows/s  {self.seconds:7.2f} s"
        if self.wal:
            text += f"  WAL {self.wal / self.rows:5.0f} B/row  growth {self.growth:+5.0%}  heap-only {self.hot:4.0%}"
            text += f"  longest {self.longest_ms:5.0f} ms"
        if against:
            wal = f", WAL {self.wal / against.wal:.2f}x" if against.wal else ""
            text += f"  | {self.rate / against.rate:.2f}x speed{wal}"
        return f"{text}  {self.note}".rstrip()


def run(statement: str, *parameters: Any) -> list[tuple[object, ...]]:
    """Run a statement as the login, in no role."""
    with connection.cursor() as cursor:
        cursor.execute("reset role")
        cursor.execute("set role none")
        cursor.execute(statement, parameters or None)
        found = list(cursor.fetchall()) if cursor.description else []
        cursor.execute("set role tenantry_owner")
        return found


def make_people() -> None:
    """People of the old database, each with an organization of their own here."""
    run(f"drop schema if exists {SCHEMA} cascade")
    run(f"create schema {SCHEMA}")
    run(f"create table {SCHEMA}.people (id bigint primary key, email text)")
    run(f"insert into {SCHEMA}.people select g, 'bench' || g || '@example.org' from generate_series(1, {PEOPLE}) g")
    with connection.cursor() as cursor:
        cursor.execute("delete from conversions")
        cursor.execute(
            "insert into users (email) select 'bench' || g || '@example.org' from generate_series(1, %s) g"
            " where not exists (select from users where email = 'bench' || g || '@example.org')",
            [PEOPLE],
        )


def make_table(name: str, rows: int) -> TableName:
    """A table of rows that are the same, byte by byte, whatever its name."""
    table = TableName(SCHEMA, name)
    run(f"drop table if exists {table} cascade")
    run(TABLE.replace("{table}", str(table)).replace("{people}", str(PEOPLE)).replace("{rows}", str(rows)))
    run(f"vacuum (freeze, analyze) {table}")
    run(f"alter table {table} set (autovacuum_enabled = false)")
    return table


def begin(*tables: TableName, route: str = "user:user_id") -> Conversion:
    """A conversion of tables that has come as far as their column."""
    plans = {table: TablePlan(table, read_route(route)) for table in tables}
    people = PeoplePlan(TableName(SCHEMA, "people"), "email:email")
    plan = Plan((SCHEMA,), plans, people, text="# bench")
    with connection.cursor() as cursor:
        cursor.execute("delete from conversions")
    conversion = open_conversion(plan, Catalog(plan.schemas, {}), actor="bench")
    list(map_people(conversion, plan))
    for table in conversion.tables.order_by("position"):
        list(run_column(table, plan, lock_ms=LOCK_MS))
    return conversion


def hold_to_key(table: TableName) -> None:
    """The foreign key that large tables get when they are filled, beforehand; small ones have it already."""
    name = sql.Identifier(f"fk_{table.table}_org_id").as_string(None)
    key = f"{name} foreign key (org_id) references organizations not valid"
    run(f"alter table {table} drop constraint if exists {name}, add constraint {key}")


def measure(way: str, table: TableName, rows: int, fill: Callable[[], float]) -> Figures:
    """Run a way of filling, which returns its longest transaction in seconds."""
    run("checkpoint") if _may_checkpoint() else None
    pages, before = _read_pages(table), _read_wal()
    begun = time.monotonic()
    longest = fill()
    seconds = time.monotonic() - begun
    wal = _read_wal() - before
    run("select pg_stat_force_next_flush()")
    ((updated, hot),) = run(
        "select n_tup_upd, n_tup_hot_upd from pg_stat_all_tables where relid = %s::regclass", str(table)
    )
    ((nulls,),) = run(f"select count(*) from {table} where org_id is null")
    note = f"{nulls} ROWS WITHOUT ORGANIZATION" if nulls else ""
    growth = _read_pages(table) / pages - 1
    share = float(str(hot)) / max(1.0, float(str(updated)))
    return Figures(way, rows, seconds, wal, growth, share, longest * 1000, note)


def _may_checkpoint() -> bool:
    return bool(run("select rolsuper from pg_roles where rolname = session_user")[0][0])


def _read_pages(table: TableName) -> float:
    return float(str(run("select pg_relation_size(%s::regclass) / 8192.0", str(table))[0][0]))


def _read_wal() -> float:
    return float(str(run("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0]))


def compose_plain(table: TableName, conversion: Conversion) -> str:
    """The one big UPDATE."""
    people = sql.Identifier("private", f"conversion_people_{conversion.number}").as_string(None)
    return f"update {table} t set org_id = p.org_id from {people} p where p.person = t.user_id and t.org_id is null"
