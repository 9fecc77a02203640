"""The stored beginnings of clinic names: on rows that were there, twice, killed, reversed, under a live writer."""

import os
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.catalog import take_snapshot
from tests.clinic import SETTINGS, convert, convert_well, copy_of, fetch
from tests.databases import ROOT, database_url, owner_session

MANY = 20_000
WRONG = "select count(*) from {} where name_lower is distinct from lower(left(name, 200))"
OPENED = "select count(*) from private.batch_jobs where job like '%.opened'"
LONG_NAME = "Ä" * 5000
# Made when the database is: who may do what, and what stands on the tables.
LASTING = ("triggers", "policies", "relations", "columns", "indexes")

# One worker for the module: its fixture is made once.
pytestmark = pytest.mark.xdist_group("name_lower")


def find_migration(ending: str) -> tuple[str, str]:
    """One of ours, whatever its number."""
    (key,) = [
        key for key in MigrationLoader(connection).graph.node_map if key[0] == "tenants" and key[1].endswith(ending)
    ]
    return key


def migration_before() -> str:
    """The last one before ours, whatever it is called."""
    parents = MigrationLoader(connection).graph.node_map[find_migration("name_lower_nullable")].parents
    (parent,) = [p.key[1] for p in parents if p.key[0] == "tenants"]
    return parent


@pytest.fixture(scope="module")
def named(old, django_db_blocker):
    """A converted database of before the stored beginnings, with rows."""
    with copy_of(old, "named") as name:
        convert_well(name)
        with django_db_blocker.unblock():
            convert_well(name, "tenants", migration_before())
        with owner_session(name) as session:
            session.execute(
                "insert into doctors (org_id, dso_id, name) select org_id, id, 'Dr. Many ' || g"
                " from (select * from dsos limit 1) d, generate_series(1, %s) g",
                [MANY],
            )
            session.execute("update dsos set name = %s where name = 'DSO 2'", [LONG_NAME])
        yield name


@pytest.fixture
def database(named, request):
    with copy_of(named, f"t{abs(hash(request.node.name)) % 10**6}") as name:
        yield name


def assert_filled(database):
    for table in ("dsos", "doctors"):
        assert fetch(database, WRONG.format(table)) == [(0,)]
    assert fetch(database, OPENED) == [(0,)]


def look(database):
    with owner_session(database) as session:
        snapshot = take_snapshot(session)
    return {kind: snapshot[kind] for kind in LASTING}


def test_rows_that_were_there_are_filled_and_nothing_else_of_them_changes(database, db):
    others = "select id, name, dso_id, updated_at, deleted_at from doctors order by id"
    before = fetch(database, others)
    ((logged, last),) = fetch(database, "select count(*), max(created_at) from audit_logs")
    convert_well(database)
    assert_filled(database)
    assert fetch(database, others) == before
    summaries = fetch(
        database,
        "select actor, table_name, sum((new_data ->> 'rows')::int)::int, count(*) from audit_logs"
        " where action = 'column.filled' and created_at > %s group by 1, 2 order by 2",
        last,
    )
    actor = "system:tenants.name_lower_backfill"
    assert [row[:3] for row in summaries] == [
        (f"{actor}.doctors", "doctors", MANY + 300),
        (f"{actor}.dsos", "dsos", 3),
    ]
    # One line per batch, and none per row.
    assert fetch(database, "select count(*) from audit_logs") == [(logged + sum(row[3] for row in summaries),)]


def test_it_reverses_to_what_stood_and_goes_forwards_again(database, db):
    before = look(database)
    convert_well(database)
    after = look(database)
    convert_well(database, "tenants", migration_before())
    assert look(database) == before
    assert fetch(database, "select count(*) from private.batch_jobs where job like '%name_lower%'") == [(0,)]
    convert_well(database)
    assert look(database) == after
    assert_filled(database)


def test_a_second_run_changes_nothing(database, db):
    # Not to the end: what came later would have no ground to stand on.
    ours = find_migration("name_lower_indexes")
    convert_well(database, *ours)
    before = look(database), fetch(database, "select count(*) from audit_logs")
    with owner_session(database) as session:
        session.execute("delete from django_migrations where app = 'tenants' and name like '%name\\_lower%'")
    convert_well(database, *ours)
    assert (look(database), fetch(database, "select count(*) from audit_logs")) == before


def test_killed_between_two_batches_others_are_logged_as_ever_and_it_goes_on(database, db):
    kill_during_fill(database)
    assert fetch(database, OPENED) == [(1,)]
    count = "select count(*) from audit_logs where action = 'UPDATE' and table_name = 'doctors'"
    before = fetch(database, count)
    with owner_session(database) as session:
        session.execute("update doctors set name = 'Dr. Meanwhile' where name = 'Doctor 8'")
    assert fetch(database, count) == [(before[0][0] + 1,)]
    done = fetch(database, "select rows from private.batch_jobs where job like '%name\\_lower%.doctors'")
    assert 0 < done[0][0] < MANY
    convert_well(database)
    assert_filled(database)
    with copy_of(database, "x") as fresh:
        convert_well(fresh, "tenants", migration_before())
        convert_well(fresh)
        assert look(fresh) == look(database)


def test_killed_between_two_batches_it_can_be_reversed(database, db):
    before = look(database)
    kill_during_fill(database)
    convert_well(database, "tenants", migration_before())
    assert look(database) == before
    assert fetch(database, OPENED) == [(0,)]


def kill_during_fill(database):
    """End `migrate` with SIGKILL as soon as one of its batches is saved."""
    job = "select 1 from private.batch_jobs where job like '%name\\_lower%.doctors' and rows > 0"
    variables = {**os.environ, "DATABASE_URL": database_url(database), **SETTINGS}
    with owner_session(database) as session:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "migrate"], env=variables, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        while process.poll() is None and not session.execute(job).fetchone():
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def test_names_written_meanwhile_are_kept_and_no_writer_is_refused(database):
    ended, errors, written = threading.Event(), [], []

    def write() -> None:
        with owner_session(database) as session:
            while not ended.is_set():
                try:
                    session.execute(
                        "insert into doctors (org_id, dso_id, name) select org_id, id, 'LIVE' from dsos limit 1"
                    )
                    session.execute(
                        "update doctors set name = 'RENAMED ' || id where id in"
                        " (select id from doctors where name like 'Dr. Many%' order by random() limit 5)"
                    )
                    written.append(1)
                except psycopg.Error as error:
                    errors.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        convert_well(database)
    finally:
        ended.set()
        writer.join()
    assert errors == []
    assert len(written) > 5
    assert_filled(database)
    assert fetch(database, "select count(*) from doctors where name_lower = 'live'") == [(len(written),)]


def test_a_column_of_the_name_that_is_somebody_elses_is_refused_and_left_alone(database):
    with owner_session(database) as session:
        session.execute("alter table doctors add column name_lower text default 'theirs'")
    done = convert(database)
    assert done.returncode == 1
    assert '"doctors"."name_lower" is there already, and not ours' in done.stderr
    assert fetch(database, "select distinct name_lower from doctors") == [("theirs",)]
