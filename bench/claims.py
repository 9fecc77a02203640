"""Claims that the database verifies against claims that it believes: what the signature costs a transaction.

usage: python bench/claims.py [ROUNDS [CUSTOMERS]]; on two databases of its own, the second a copy of the first whose
`private.auth_claims()` reads the setting and asks no more, and whose scope is one `set_config`, as with PostgREST.
Each statement is a transaction of the API role; what is timed is entering the scope, and then the statement.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
ORGS = 20
FILL = """
insert into users (email) select 'bench' || g || '@example.org' from generate_series(1, {orgs}) g;
alter table customers disable trigger user;
insert into customers (org_id, name, email)
select o.id, 'customer ' || g, 'a@b.c' from organizations o, generate_series(1, {number}) g;
alter table customers enable trigger user
"""
BELIEVE = """
create or replace function private.auth_claims() returns jsonb
language plpgsql stable security definer parallel restricted set search_path = pg_catalog, pg_temp
as $$ begin return nullif(current_setting('request.jwt.claims', true), '')::jsonb; end $$
"""
STATEMENTS = {
    "one row": "select * from customers where id = (select id from customers limit 1)",
    "page of 50": "select id, name, email, status from customers order by id desc limit 50",
    "count": "select count(*) from customers",
    "insert": "insert into customers (org_id, name) values (auth_org_id(), 'Ada')",
    "update of 50": "update customers set name = name || 'x' where id in (select id from customers limit 50)",
}


class Client:
    """A session of one of the two databases."""

    def __init__(self, session: Any, claims: dict[str, str], *, signed: bool) -> None:
        self.session, self.claims, self.signed = session, claims, signed
        self.clock = Clock(session.info.backend_pid)

    def enter(self) -> None:
        with self.session.pipeline():
            if self.signed:
                self.session.execute("select private.enter_scope(%s)::text", [sign_ticket(self.claims)])
            else:
                given = json.dumps({**self.claims, "user_role": "owner"})
                self.session.execute("select set_config('request.jwt.claims', %s, true)", [given])
            self.session.execute("set local role tenantry_api")

    def measure_scope(self) -> float:
        try:
            return self.clock.time(self.enter)
        finally:
            self.session.rollback()

    def measure(self, statement: str) -> float:
        self.enter()
        try:
            return self.clock.time(lambda: self.session.execute(statement))
        finally:
            self.session.rollback()


def fill(customers: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(orgs=ORGS, number=customers // ORGS), None)
        cursor.execute("analyze customers")


def make_plain(signed: str, plain: str) -> None:
    """The same rows, and claims that anybody can set."""
    connection.close()
    copy_database(signed, plain)
    with owner_session(plain) as session:
        session.execute(BELIEVE)


def main(rounds: int, signed: str, plain: str) -> None:
    with psycopg.connect(login_dsn(signed)) as one, psycopg.connect(login_dsn(plain)) as other:
        one.execute("set role tenantry_owner")
        query = "select created_by_id::text, id::text from organizations order by id limit 1"
        person, org = one.execute(query).fetchone() or ()
        one.rollback()
        claims = {"sub": person, "org_id": org, "surface": "api"}
        clients = {"plain": Client(other, claims, signed=False), "signed": Client(one, claims, signed=True)}
        works: dict[str, Callable[[Client], Callable[[], float]]] = {"scope": lambda c: c.measure_scope}
        works |= {name: partial(lambda s, c: partial(c.measure, s), text) for name, text in STATEMENTS.items()}
        found = {}
        for name, work in works.items():
            found[name] = take_turns({way: work(client) for way, client in clients.items()}, rounds)
        print(describe_machine(one.info.parameter_status("server_version") or ""))
        clock = clients["signed"].clock.name
    rows = []
    for name, (cheap, dear) in ((n, m.values()) for n, m in found.items()):
        rows.append([name, micro(cheap), micro(dear), micro(dear - cheap), f"{dear / cheap:.2f}x"])
    title = f"Claims, {clock} of the server, median of {rounds}"
    print_table(title, ["statement", "plain", "signed", "more", "signed / plain"], rows)


if __name__ == "__main__":
    django.setup()
    from functools import partial

    import psycopg
    from django.db import connection

    from audit.claims import sign_ticket
    from bench._ground import bench_database, copy_database
    from bench._turns import Clock, describe_machine, micro, print_table, read_counts, take_turns
    from tests.databases import login_dsn, owner_session, scratch_database

    rounds, customers = read_counts(__doc__, rounds=300, customers=20_000)
    with bench_database("bench_claims") as signed, scratch_database("bench_plain") as plain:
        fill(customers)
        make_plain(signed, plain)
        main(rounds, signed, plain)
