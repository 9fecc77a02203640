"""How long a live writer and a reader wait while the clinic tables are converted.

usage: python bench/clinic_migration.py [ROWS]; 200,000 doctors unless told, and as many access rows, in a database of
its own beside DATABASE_URL's.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import django
import psycopg
from psycopg import sql

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from bench._turns import read_counts
from tests.clinic import OLD_FORM, SETTINGS, UNSET
from tests.databases import ROOT, database_url, scratch_database

OWNERS = ("alan@example.org", "claudia@example.org", "valentina@example.org")
INSERT = "insert into doctors (name, dso_id) select 'Live', id from dsos limit 1"
# By place, so that only waiting is measured: an id alone is no key any more after the swap.
UPDATE = "update doctors set created_at = now() where ctid = (select ctid from doctors limit 1)"
READ = "select count(*) from (select from doctors where id > gen_random_uuid() limit 50) d"


class Client(threading.Thread):
    """One session that repeats a statement and measures each; what is refused is counted by its first line."""

    def __init__(self, statement: str) -> None:
        super().__init__(daemon=True)
        self.statement, self.times, self.refused = statement, list[float](), dict[str, int]()
        self.ended = threading.Event()
        self.longest, self.longest_at = 0.0, 0.0

    def run(self) -> None:
        with connect() as session:
            session.execute("set role tenantry_owner")
            while not self.ended.is_set():
                begun = time.monotonic()
                try:
                    session.execute(sql.SQL(self.statement))
                    self.record_time(time.monotonic() - begun)
                except psycopg.Error as error:
                    said = str(error).splitlines()[0][:90]
                    self.refused[said] = self.refused.get(said, 0) + 1
                time.sleep(0.002)

    def record_time(self, took: float) -> None:
        self.times.append(took)
        if took > self.longest:
            self.longest, self.longest_at = took, time.time()

    def describe(self) -> str:
        times = sorted(self.times)
        middle, tail = times[len(times) // 2], times[int(len(times) * 0.999)]
        figures = f"p50 {middle * 1000:.1f} ms, p99.9 {tail * 1000:.1f} ms, longest {times[-1] * 1000:.1f} ms"
        return f"{self.statement.split()[0]}: {len(times)} done, {figures}; refused {self.refused or 'none'}"


def connect() -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def migrate(*arguments: str, **settings: str) -> float:
    begun = time.monotonic()
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "-v0", *arguments]
    subprocess.run(command, env={**os.environ, **settings}, cwd=ROOT, check=True)
    return time.monotonic() - begun


def make_rows(rows: int) -> None:
    with connect() as session:
        session.execute("set role tenantry_owner")
        session.execute(OLD_FORM)
        for email in OWNERS:
            session.execute("insert into users (email) values (%s)", [email])
        session.execute("insert into dsos (name) select 'DSO ' || g from generate_series(1, 1000) g")
        for insert in (
            "insert into doctors (name, dso_id) select 'Doctor ' || g, d.ids[1 + g %% 1000]",
            "insert into user_dso_access (user_id, dso_id)"
            " select (select min(id::text)::uuid from users), d.ids[1 + g %% 1000]",
        ):
            source = "from generate_series(1, %s) g, (select array_agg(id) from dsos) d (ids)"
            session.execute(sql.SQL(f"{insert} {source}"), [rows])
        session.execute("analyze")


def main(rows: int) -> None:
    for step in (("audit",), ("accounts",), ("tenants", "0007")):
        migrate(*step, **UNSET)
    make_rows(rows)
    clients = [Client(INSERT), Client(UPDATE), Client(READ)]
    for client in clients:
        client.start()
    time.sleep(2)
    seconds = migrate(**SETTINGS)
    for client in clients:
        client.ended.set()
        client.join()
    print(f"{rows} doctors and {rows} access rows converted in {seconds:.1f} s")
    with connect() as session:
        session.execute("set role tenantry_owner")
        for client in clients:
            during = session.execute(
                "select name from django_migrations where applied >= to_timestamp(%s) order by applied limit 1",
                [client.longest_at],
            ).fetchone()
            print(client.describe(), "- longest during", during[0] if during else "no migration")
        live, without = session.execute(
            "select count(*) filter (where name = 'Live'), count(*) filter (where org_id is null) from doctors"
        ).fetchone() or (0, 0)
    print(f"live rows there {live} of {len(clients[0].times)}, without organization {without}")


if __name__ == "__main__":
    (rows,) = read_counts(__doc__, rows=200_000)
    django.setup()
    with scratch_database("bench_clinic") as name:
        os.environ["DATABASE_URL"] = database_url(name)
        main(rows)
