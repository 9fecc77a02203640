"""One column more: in a table that organizations share, and in a schema for each of them, as django-tenants has it.

usage: python bench/one_column.py [ORGANIZATIONS …]; on databases of its own, made beside DATABASE_URL's. Three ways:
Tenantry's table with that many organizations in it; the same ALTER in a loop over schemas, a transaction each, which is
the least that any library can do; and `migrate_schemas` of django-tenants, which comes with `make setup-bench`.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TIMES = 5
STORES = """
insert into stores (org_id, workspace_id, name) select w.org_id, w.id, 'Store' from workspaces w
where not exists (select from stores s where (s.org_id, s.workspace_id) = (w.org_id, w.id))
"""
PEOPLE = "insert into users (email) select 'bench' || g || '@example.org' from generate_series(%s::int, %s) g"


def alter_shared(organizations: int, before: int) -> float:
    """Tenantry: one table, whatever the number of organizations; the median of some columns."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [before + 1, organizations])
        cursor.execute(STORES)
        took = []
        for number in range(TIMES):
            began = time.perf_counter()
            cursor.execute(f"alter table stores add column note{organizations}_{number} text")
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def alter_each(database: str, organizations: int) -> float:
    """The same ALTER in as many schemas."""
    with login_session(database) as session:
        for number in range(organizations):
            session.execute(f"create schema loop{number}; create table loop{number}.stores (id bigint, name text)")
        began = time.perf_counter()
        for number in range(organizations):
            session.execute(f"alter table loop{number}.stores add column note text")
        return time.perf_counter() - began


def migrate_each(database: str, organizations: int) -> float:
    """django-tenants, in a process with settings of its own."""
    parts = psycopg.conninfo.conninfo_to_dict(login_dsn(database))
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    place = json.dumps({key: str(parts.get(name) or "") for key, name in names.items()})
    environment = {**os.environ, "BENCH_DATABASE": place, "DJANGO_SETTINGS_MODULE": "bench.apart.settings"}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "bench.apart.migrate", str(organizations)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stdout.splitlines()[-1])


def main(counts: list[int]) -> None:
    library = find_spec("django_tenants") is not None
    rows, before = [], 0
    for count in counts:
        shared, before = alter_shared(count, before), count
        with scratch_database("bench_loop") as database:
            loop = alter_each(database, count)
        row = [str(count), f"{shared * 1e3:.1f} ms", f"{loop * 1e3:.0f} ms", f"{loop / shared:,.0f}x"]
        if library:
            with scratch_database("bench_apart") as database:
                apart = migrate_each(database, count)
            row += [f"{apart:.1f} s", f"{apart / shared:,.0f}x"]
        rows.append(row)
    version = connection.connection.info.parameter_status("server_version")
    print(describe_machine(version))
    header = ["organizations", "Tenantry, one table", "ALTER in each schema", "against Tenantry"]
    header += ["django-tenants", "against Tenantry"] if library else []
    print_table("One column, time on the wall", header, rows)
    if not library:
        print("django-tenants is left out, because it is not installed. See the usage of this bench.")


if __name__ == "__main__":
    django.setup()
    import psycopg
    from django.db import connection

    from bench._ground import bench_database
    from bench._turns import describe_machine, print_table, read_counts
    from tests.databases import login_dsn, login_session, scratch_database

    (counts,) = read_counts(__doc__, organizations=[10, 100, 500])
    with bench_database("bench_column"):
        main(counts)
