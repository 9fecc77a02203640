"""A month of the log goes when all of it is sealed, and the rest of each chain still verifies."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from audit.partitions import LOG
from audit.retention import RetentionRefused, due_months, retire_month
from postgres.partitions import make_months
from tests.audit.sealed_log import seal_all, verify, write_events

OLD = "audit_logs_2020_01"
TODAY = date(2020, 4, 15)


@pytest.fixture
def old_month(transactional_db: Any) -> uuid.UUID:
    """An organization with rows in January 2020 between others of today; its chain is not sealed yet."""
    org = uuid.uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        make_months(cursor, LOG, date(2020, 1, 1), 1)
    write_events(org, 3)
    # One transaction: a failure must not leave the log open to the tests that follow.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("alter table audit_logs disable row level security")
        for second in range(5):
            cursor.execute(
                "insert into audit_logs (org_id, created_at, id, actor, surface, action, table_name)"
                " values (%s, %s, gen_random_uuid(), 'db:test', 'database', 'test.old', '')",
                [org, f"2020-01-15 00:00:0{second}+00"],
            )
        cursor.execute("alter table audit_logs enable row level security")
    write_events(org, 4)
    return org


@pytest.fixture(autouse=True)
def keep_two_months(settings: Any) -> None:
    settings.TENANTRY_LOG_RETENTION_MONTHS = 2


def test_a_month_with_a_row_that_is_not_sealed_stays(old_month):
    with pytest.raises(RetentionRefused, match="5 rows without a seal"):
        retire_month(OLD)
    seal_all()
    retire_month(OLD)


def test_the_rest_verifies_after_a_month_is_retired_and_the_retirement_is_logged(old_month):
    seal_all()
    with connection.cursor() as cursor:
        assert due_months(cursor, today=TODAY) == [OLD]
    retire_month(OLD)
    write_events(old_month, 2)
    seal_all()
    said = verify(old_month)
    assert (said.rows, said.retired, said.faults) == (9, 5, [])
    with connection.cursor() as cursor:
        cursor.execute("select new_data ->> 'rows' from audit_logs where action = 'audit.month_retired'")
        assert all(int(row[0]) >= 5 for row in cursor.fetchall())
        cursor.execute("select to_regclass(%s)", [OLD])
        assert cursor.fetchone()[0] is None


def test_only_months_older_than_those_kept_are_due(old_month, settings):
    seal_all()
    with connection.cursor() as cursor:
        assert due_months(cursor, today=date(2020, 3, 31)) == []
        assert due_months(cursor, today=date(2020, 4, 1)) == [OLD]
        settings.TENANTRY_LOG_RETENTION_MONTHS = 0
        assert due_months(cursor, today=TODAY) == []
    retire_month(OLD)


def test_a_month_of_a_broken_log_stays(old_month):
    seal_all()
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_logs no force row level security")
        cursor.execute("update audit_logs set reason = 'false' where org_id = %s and action = 'test.old'", [old_month])
        with pytest.raises(RetentionRefused, match="edited after it was sealed"):
            retire_month(OLD)
        cursor.execute("update audit_logs set reason = '' where org_id = %s and action = 'test.old'", [old_month])
        cursor.execute("alter table audit_logs force row level security")
    retire_month(OLD)
