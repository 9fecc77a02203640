"""The guard against the same statement on the same rows without row-level security, but with a filter on org_id.

usage: python bench/guard.py [ROUNDS [CUSTOMERS]]; on a database of its own, made beside DATABASE_URL's. Three tables
hold the same rows under the same key: `customers` with all of its guard, one with row-level security and without
triggers, and one with neither, whose statements name the organization. Each statement is a transaction; what is timed
is the statement, and for `scope` the beginning of the transaction: with a ticket and a role, and with nothing.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
ORGS = 100
PAGE = "select id, name, email, company, status, created_at from {table} {where} order by id desc limit 50"
ROWS = """
insert into {table} (org_id, name, email, company)
select o.id, 'customer ' || g, 'a@b.c', 'Acme' from organizations o, generate_series(1, {number}) g
"""
POLICIES = """
do $$ declare p record; begin
create table rows_guarded (like customers including all);
create table rows_plain (like customers including all);
alter table rows_guarded enable row level security;
alter table rows_guarded force row level security;
for p in select polname, pg_get_expr(polqual, polrelid) as qual, pg_get_expr(polwithcheck, polrelid) as checked,
        case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end as command
    from pg_policy where polrelid = 'customers'::regclass and polroles = array['tenantry_api'::regrole::oid]
loop execute format('create policy %I on rows_guarded for %s to tenantry_api %s %s', p.polname, p.command,
    'using (' || p.qual || ')', 'with check (' || p.checked || ')'); end loop;
create policy tenantry_owner_all on rows_guarded to tenantry_owner using (true) with check (true);
grant select, insert, update, delete on rows_guarded, rows_plain to tenantry_api;
end $$
"""
WAYS = {"filter": "rows_plain", "guard": "rows_guarded", "guard and log": "customers"}


class Bench:
    """One member of one organization, and the same statements against the three tables."""

    def __init__(self, session: Any, org: Any, person: Any) -> None:
        self.session, self.org, self.person = session, org, person
        ids = "select id from {table} where org_id = %s order by id"
        self.ids = {t: [row[0] for row in session.execute(ids.format(table=t), [org.pk])] for t in WAYS.values()}
        session.commit()
        self.turn = 0
        self.clock = Clock(session.info.backend_pid)

    def enter(self, way: str) -> None:
        """Begin as the API role, for the plain table without claims."""
        with self.session.pipeline():
            if way != "filter":
                claims = {"sub": str(self.person.pk), "org_id": str(self.org.pk), "surface": "api"}
                self.session.execute("select private.enter_scope(%s)::text", [sign_ticket(claims)])
            self.session.execute("set local role tenantry_api")

    def measure(self, way: str, work: Callable[[str, str, list[Any]], Any]) -> float:
        self.enter(way)
        where, values = ("org_id = %s", [self.org.pk]) if way == "filter" else ("true", [])
        try:
            return self.clock.time(lambda: work(WAYS[way], where, values))
        finally:
            self.session.rollback()

    def measure_scope(self, way: str) -> float:
        try:
            return self.clock.time(lambda: self.enter(way))
        finally:
            self.session.rollback()

    def next_id(self, table: str) -> Any:
        self.turn += 1
        return self.ids[table][self.turn * 7919 % len(self.ids[table])]

    def read_page(self, table: str, where: str, values: list[Any]) -> Any:
        return self.session.execute(PAGE.format(table=table, where=f"where {where}"), values).fetchall()

    def read_one(self, table: str, where: str, values: list[Any]) -> Any:
        return self.session.execute(f"select * from {table} where {where} and id = %s", [*values, self.next_id(table)])

    def count(self, table: str, where: str, values: list[Any]) -> Any:
        return self.session.execute(f"select count(*) from {table} where {where}", values).fetchone()

    def insert(self, table: str, where: str, values: list[Any]) -> Any:
        statement = f"insert into {table} (org_id, name, email) values (%s, 'Ada', 'a@b.c')"
        return self.session.execute(statement, [self.org.pk])

    def update_one(self, table: str, where: str, values: list[Any]) -> Any:
        statement = f"update {table} set company = company || 'x' where {where} and id = %s"
        return self.session.execute(statement, [*values, self.next_id(table)])

    def update_hundred(self, table: str, where: str, values: list[Any]) -> Any:
        statement = f"update {table} set company = company || 'x' where {where} and id = any(%s)"
        return self.session.execute(statement, [*values, self.ids[table][:100]])


def fill(customers: int) -> Any:
    """Organizations with as many customers each; the one that is measured is returned."""
    with connection.cursor() as cursor:
        # The database gives each of them an organization.
        cursor.execute(
            "insert into users (email) select 'bench' || g || '@example.org' from generate_series(1, %s) g", [ORGS]
        )
        cursor.execute(POLICIES)
        cursor.execute("alter table customers disable trigger user")
        for table in WAYS.values():
            cursor.execute(ROWS.format(table=table, number=customers // ORGS))
        cursor.execute("alter table customers enable trigger user")
    for table in WAYS.values():
        with connection.cursor() as cursor:
            cursor.execute(f"vacuum analyze {table}")
    return Organization.objects.order_by("id")[0]


def main(rounds: int, org: Any) -> None:
    dsn = login_dsn(connection.settings_dict["NAME"])
    with psycopg.connect(dsn) as session:
        bench = Bench(session, org, owner_of(org))
        found = {"scope": take_turns({w: partial(bench.measure_scope, w) for w in WAYS}, rounds)}
        for name in ("read_page", "read_one", "count", "insert", "update_one", "update_hundred"):
            work = getattr(bench, name)
            found[name] = take_turns({w: partial(bench.measure, w, work) for w in WAYS}, rounds)
        print(describe_machine(session.info.parameter_status("server_version") or ""))
    rows = []
    for name, medians in found.items():
        ratios = (medians[way] / medians["filter"] for way in list(WAYS)[1:])
        rows.append([name.replace("_", " "), *map(micro, medians.values()), *(f"{r:.2f}x" for r in ratios)])
    print_table(
        f"Guard, {bench.clock.name} of the server, median of {rounds}",
        ["statement", *WAYS, "guard / filter", "guard and log / filter"],
        rows,
    )


if __name__ == "__main__":
    django.setup()
    from functools import partial

    import psycopg
    from django.db import connection

    from audit.claims import sign_ticket
    from bench._ground import bench_database
    from bench._turns import Clock, describe_machine, micro, print_table, read_counts, take_turns
    from tenants.models import Organization
    from tests.databases import login_dsn
    from tests.factories import owner_of

    rounds, customers = read_counts(__doc__, rounds=300, customers=50_000)
    with bench_database("bench_guard"):
        main(rounds, fill(customers))
