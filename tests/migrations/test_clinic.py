"""The conversion of the clinic tables: on rows that were there, twice, killed, reversed, under a live writer."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import psycopg

from tests.catalog import describe_table, take_snapshot
from tests.clinic import (
    SETTINGS,
    TABLES,
    UNSET,
    convert_well,
    copy_of,
    fetch,
    read_rows,
)
from tests.databases import ROOT, database_url, login_session, owner_session

# The last migration of the conversion: what comes after it is no part of it.
LAST = ("tenants", "0019")


def shapes(database):
    with owner_session(database) as session:
        found = {table: describe_table(session, table) for table in TABLES}
    return {t: {k: v for k, v in shape.items() if k not in ("columns",)} for t, shape in found.items()}


def without_acl(relation):
    """The owner's own rights, which every server version spells in letters of its own."""
    return tuple(None if re.fullmatch(r"\{tenantry_owner=\w+/tenantry_owner\}", str(v)) else v for v in relation)


class TestRowsThatWereThere:
    def test_they_come_to_the_default_organization_unchanged(self, database):
        before = read_rows(database)
        convert_well(database, TENANTRY_REVOKE_ACCESS_EMAILS="")
        assert read_rows(database) == before
        for table in TABLES:
            rows = fetch(
                database, f"select distinct o.slug from {table} t left join organizations o on o.id = t.org_id"
            )
            assert rows == [("all-solutions",)]

    def test_owner_and_admins_are_seeded_with_their_profiles(self, database):
        convert_well(database)
        rows = fetch(
            database,
            "select p.email, m.role, m.state from org_members m join organizations o on o.id = m.org_id"
            " join user_profiles p on p.user_id = m.user_id where o.slug = 'all-solutions' order by 1",
        )
        assert rows == [("alan@example.org", "owner", "active"), ("claudia@example.org", "admin", "active")]

    def test_wrong_access_is_removed_and_each_row_is_in_the_log(self, database):
        before = fetch(database, "select count(*) from user_dso_access")
        convert_well(database)
        left = fetch(
            database, "select u.email, count(*) from user_dso_access a join users u on u.id = a.user_id group by 1"
        )
        assert left == [("claudia@example.org", 3)]
        assert before == [(6,)]
        logged = fetch(database, "select actor, count(*) from audit_logs where action = 'DELETE' group by 1")
        assert logged == [("system:tenants.0019_clinic_access_cleanup", 3)]

    def test_the_tables_end_as_those_of_an_empty_database_do(self, database, bare):
        convert_well(database)
        with copy_of(bare, "empty") as empty:
            convert_well(empty, **UNSET)
            assert shapes(database) == shapes(empty)

    def test_its_migrations_run_a_second_time_without_a_change(self, database):
        convert_well(database, *LAST)
        before, rows = shapes(database), read_rows(database)
        with owner_session(database) as session:
            session.execute("delete from django_migrations where app = 'tenants' and name >= '0008'")
        convert_well(database, *LAST)
        assert shapes(database) == before
        assert read_rows(database) == rows

    def test_reversing_gives_the_old_form_back_and_forward_again_works(self, database):
        with owner_session(database) as session:
            before, rows = take_snapshot(session), read_rows(database)
        convert_well(database, *LAST, TENANTRY_REVOKE_ACCESS_EMAILS="")
        converted = shapes(database)
        convert_well(database, "tenants", "0007")
        with owner_session(database) as session:
            after = take_snapshot(session)
        # What the owner may do is written out now, and NOT NULL stays on columns that had no null.
        before["columns"], after["columns"] = ({(*c[:3], *c[4:]) for c in s["columns"]} for s in (before, after))
        before["relations"], after["relations"] = ({without_acl(r) for r in s["relations"]} for s in (before, after))
        assert {kind: before[kind] ^ after[kind] for kind in before} == {kind: set() for kind in before}
        assert read_rows(database) == rows
        convert_well(database, *LAST, TENANTRY_REVOKE_ACCESS_EMAILS="")
        assert shapes(database) == converted
        assert read_rows(database) == rows


class TestInterruption:
    def test_a_conversion_that_is_killed_again_and_again_goes_on_where_it_stopped(self, database):
        with owner_session(database) as session:
            session.execute(
                "insert into doctors (name, dso_id) select 'More', (select min(id::text)::uuid from dsos)"
                " from generate_series(1, 20000)"
            )
        rows = read_rows(database)
        for pause in (0.0, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05):
            kill_after_next_migration(database, pause)
        convert_well(database, TENANTRY_REVOKE_ACCESS_EMAILS="")
        assert read_rows(database) == rows
        assert fetch(database, "select count(*) from doctors where org_id is null") == [(0,)]
        assert fetch(database, "select count(*) from pg_index where not indisvalid") == [(0,)]


def kill_after_next_migration(database, pause):
    """Start `migrate`, and end it with SIGKILL a moment after it has finished one more of its migrations."""
    count = "select count(*) from django_migrations"
    with owner_session(database) as session:
        before = session.execute(count).fetchone()
        variables = {**os.environ, "DATABASE_URL": database_url(database), **SETTINGS}
        variables["TENANTRY_REVOKE_ACCESS_EMAILS"] = ""
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "migrate"], env=variables, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        while process.poll() is None and session.execute(count).fetchone() == before:
            time.sleep(0.002)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


class TestLiveWriter:
    def test_rows_written_meanwhile_are_neither_lost_nor_without_organization(self, database):
        writer = Writer(database)
        writer.start()
        try:
            convert_well(database)
        finally:
            writer.stop()
        kept = {row[0] for row in fetch(database, "select id from doctors where name = 'Live'")}
        assert len(writer.written) > 20
        assert kept == set(writer.written)
        assert fetch(database, "select count(*) from doctors where org_id is null") == [(0,)]
        assert [str(e) for e in writer.errors if not isinstance(e, psycopg.errors.NotNullViolation)] == []

    def test_a_long_reader_does_not_make_others_wait_behind_the_migration(self, database):
        with login_session(database) as reader:
            reader.execute("set role tenantry_owner")
            reader.execute("begin")
            reader.execute("select count(*) from doctors")
            worker = threading.Thread(target=convert_well, args=(database,))
            worker.start()
            writer = Writer(database)
            writer.start()
            time.sleep(4)
            writer.stop()
            reader.execute("rollback")
            worker.join()
        assert writer.longest < 1, f"a writer waited {writer.longest:.3f} s"
        assert writer.errors == []


class Writer(threading.Thread):
    """An old application: inserts doctors that know no organization, until it is told to stop or refused."""

    def __init__(self, database):
        super().__init__()
        self.database, self.written, self.errors, self.longest = database, [], [], 0.0
        self.ended = threading.Event()

    def run(self):
        with owner_session(self.database) as session:
            while not self.ended.is_set() and len(self.errors) < 3:
                begun = time.monotonic()
                try:
                    row = session.execute(
                        "insert into doctors (name, dso_id) select 'Live', id from dsos limit 1 returning id"
                    ).fetchone()
                    self.written.append(row[0])
                except psycopg.Error as error:
                    self.errors.append(error)
                self.longest = max(self.longest, time.monotonic() - begun)
                time.sleep(0.002)

    def stop(self):
        self.ended.set()
        self.join()
