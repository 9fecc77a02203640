"""Partitions by month: ahead of time, drained from DEFAULT, and each of them closed."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit.models import AuditLog
from audit.partitions import LOG, make_log_partitions
from postgres.partitions import list_partitions, make_months, month_after, months_from
from tenants.models import Workspace

FAR = date(2091, 11, 1)


@pytest.fixture
def cursor(db):
    with connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def partitions(cursor):
    make_months(cursor, LOG, FAR, 1)
    return list(list_partitions(cursor, LOG))


def write_far_entry(cursor, org):
    """An entry of a month that nobody has made: into DEFAULT, by the only door."""
    Workspace.objects.create(org=org, name="Far")
    cursor.execute("alter table audit_logs no force row level security")
    cursor.execute(
        "insert into audit_logs (org_id, created_at, actor, surface, action, table_name)"
        " values (%s, '2091-11-30 23:59:59.999999+00', 'test', 'database', 'INSERT', 'far')",
        [org.pk],
    )
    cursor.execute("alter table audit_logs force row level security")


def test_the_month_after_december_is_january():
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)


def test_months_begin_with_the_one_that_the_day_is_in():
    assert list(months_from(date(2026, 11, 21), 3)) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]


def test_this_month_the_months_ahead_and_default_are_there(cursor, settings):
    names = list_partitions(cursor, LOG)
    for month in months_from(timezone.now().date(), settings.TENANTRY_MONTHS_AHEAD + 1):
        assert f"audit_logs_{month:%Y_%m}" in names
    assert names["audit_logs_default"] == "DEFAULT"


def test_making_them_again_makes_none(cursor):
    make_log_partitions(cursor)
    assert make_log_partitions(cursor) == []


def test_bounds_are_whole_months_in_utc(cursor):
    make_months(cursor, LOG, FAR, 2)
    bounds = list_partitions(cursor, LOG)["audit_logs_2091_11"]
    assert bounds == "FOR VALUES FROM ('2091-11-01 00:00:00+00') TO ('2091-12-01 00:00:00+00')"


def test_bounds_do_not_depend_on_the_time_zone_of_the_session(cursor):
    cursor.execute("set local timezone = 'America/New_York'")
    make_months(cursor, LOG, FAR, 1)
    cursor.execute("set local timezone = 'UTC'")
    assert "2091-11-01 00:00:00+00" in list_partitions(cursor, LOG)["audit_logs_2091_11"]


def test_a_month_nobody_made_goes_into_default_and_is_moved_when_it_is_made(cursor, org):
    write_far_entry(cursor, org)
    assert make_months(cursor, LOG, FAR, 1) == ["audit_logs_2091_11"]
    cursor.execute("select tableoid::regclass::text from audit_logs where table_name = 'far'")
    assert cursor.fetchall() == [("audit_logs_2091_11",)]
    assert AuditLog.objects.get(table_name="far").created_at == datetime(2091, 11, 30, 23, 59, 59, 999999, UTC)


def test_default_is_forced_again_after_it_was_drained(cursor, org):
    write_far_entry(cursor, org)
    make_months(cursor, LOG, FAR, 1)
    cursor.execute("select relforcerowsecurity from pg_class where relname = 'audit_logs_default'")
    assert cursor.fetchone() == (True,)


def test_every_partition_has_forced_row_level_security_and_the_owner_policies_only(cursor, partitions):
    for name in partitions:
        cursor.execute("select relrowsecurity, relforcerowsecurity from pg_class where oid = %s::regclass", [name])
        assert cursor.fetchone() == (True, True), name
        cursor.execute("select policyname, cmd from pg_policies where tablename = %s order by 1", [name])
        assert cursor.fetchall() == [("tenantry_owner_insert", "INSERT"), ("tenantry_owner_select", "SELECT")], name


def test_nobody_holds_a_grant_on_a_partition(cursor, partitions):
    cursor.execute(
        "select table_name, grantee from information_schema.role_table_grants"
        " where table_name = any(%s) and grantee <> 'tenantry_owner'",
        [partitions],
    )
    assert cursor.fetchall() == []


def test_no_partition_is_emptied_by_its_owner(cursor, partitions):
    for name in ["audit_logs", *partitions]:
        with pytest.raises(DatabaseError, match="audit log cannot be changed"), transaction.atomic():
            cursor.execute(f"truncate {name}")


def test_a_new_partition_has_the_indexes_of_the_log(cursor, partitions):
    cursor.execute("select count(*) from pg_indexes where tablename = 'audit_logs'")
    expected = cursor.fetchone()
    for name in partitions:
        cursor.execute("select count(*) from pg_indexes where tablename = %s", [name])
        assert cursor.fetchone() == expected, name
