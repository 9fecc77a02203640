"""`manage.py maintain`: periodic work, safe at any time, twice, and two at once."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from audit.models import AuditLog
from audit.partitions import LOG, months_ahead
from config.maintenance import TASKS, Task, only_one, task
from postgres.partitions import list_partitions, missing_months, month_after
from tenants.models import Organization, OrgStatus
from tests.factories import make_org

FUTURE = datetime(2031, 3, 14, 12, tzinfo=UTC)


def run_maintain(**options: Any) -> str:
    said = io.StringIO()
    call_command("maintain", stdout=said, **options)
    return said.getvalue()


def partitions() -> dict[str, str]:
    with connection.cursor() as cursor:
        return list_partitions(cursor, LOG)


def log_at(moment: datetime, count: int = 1) -> None:
    """Rows of the log at another time; only a clock that was wrong could make them, so FORCE is off meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_logs_default no force row level security")
        cursor.execute(
            "insert into audit_logs_default (id, created_at, org_id, actor, surface, action, table_name)"
            " select new_id(), %s, gen_random_uuid(), 'system:test', 'database', 'INSERT', 'nothing'"
            " from generate_series(1, %s)",
            [moment, count],
        )
        cursor.execute("alter table audit_logs_default force row level security")


def count_in(table: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return cursor.fetchone()[0]


def snapshot() -> list[Any]:
    return list(AuditLog.objects.order_by("id").values())


@pytest.mark.django_db
def test_the_months_ahead_are_made_when_time_has_moved_on(settings):
    settings.TENANTRY_MONTHS_AHEAD = 2
    with time_machine.travel(FUTURE, tick=False):
        said = run_maintain()
    assert "made audit_logs_2031_03, audit_logs_2031_04, audit_logs_2031_05" in said
    assert {"audit_logs_2031_03", "audit_logs_2031_04", "audit_logs_2031_05"} <= partitions().keys()


@pytest.mark.django_db
def test_rows_that_had_no_month_move_out_of_default_and_none_is_lost():
    log_at(FUTURE, count=50)
    before = snapshot()
    with time_machine.travel(FUTURE, tick=False):
        said = run_maintain()
    assert "moved 50 rows out of audit_logs_default" in said
    assert count_in("audit_logs_default") == 0
    assert count_in("audit_logs_2031_03") == 50
    assert snapshot() == before


@pytest.mark.django_db
def test_a_maintain_that_comes_months_late_makes_up_for_the_months_it_missed():
    long_ago = FUTURE - timedelta(days=150)
    log_at(long_ago)
    with time_machine.travel(FUTURE, tick=False):
        run_maintain()
    assert count_in("audit_logs_default") == 0
    assert f"audit_logs_{long_ago:%Y_%m}" in partitions()


@pytest.mark.django_db
def test_the_first_moment_of_a_month_goes_into_that_month():
    log_at(datetime(2031, 3, 1, tzinfo=UTC))
    log_at(datetime(2031, 3, 31, 23, 59, 59, 999999, tzinfo=UTC))
    with time_machine.travel(FUTURE, tick=False):
        run_maintain()
    assert count_in("audit_logs_2031_03") == 2


@pytest.mark.django_db
def test_new_partitions_are_closed_like_the_old_ones():
    with time_machine.travel(FUTURE, tick=False):
        run_maintain()
    with connection.cursor() as cursor:
        cursor.execute(
            "select relrowsecurity, relforcerowsecurity, has_table_privilege('tenantry_api', oid, 'select'),"
            " has_table_privilege('tenantry_staff', oid, 'select') from pg_class"
            " where relname like 'audit_logs_2031%' and relkind = 'r'"
        )
        assert set(cursor.fetchall()) == {(True, True, False, False)}
        cursor.execute("select relforcerowsecurity from pg_class where relname = 'audit_logs_default'")
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
def test_a_second_run_has_nothing_to_do():
    with time_machine.travel(FUTURE, tick=False):
        run_maintain()
        before = (partitions(), snapshot())
        said = run_maintain()
        assert (partitions(), snapshot()) == before
    assert "log-partitions   nothing to do" in said
    assert "organizations    nothing to do" in said


@pytest.mark.django_db
def test_an_organization_is_purged_after_its_grace_and_not_before(settings):
    kept, gone = make_org(), make_org()
    grace = timedelta(days=settings.TENANTRY_DELETION_GRACE_DAYS)
    for org, since in ((kept, grace - timedelta(hours=1)), (gone, grace + timedelta(hours=1))):
        Organization.objects.filter(pk=org.pk).update(status=OrgStatus.DELETING, deleting_since=timezone.now() - since)
    assert f"purged {gone.pk}" in run_maintain()
    assert Organization.objects.filter(pk=kept.pk).exists()
    assert not Organization.objects.filter(pk=gone.pk).exists()


@pytest.mark.django_db
def test_expired_sessions_go_and_others_stay():
    for key, hours in (("gone", -1), ("kept", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(hours=hours))
    assert "deleted 1 expired" in run_maintain()
    assert [session.session_key for session in Session.objects.all()] == ["kept"]


@pytest.mark.django_db
def test_a_dry_run_says_what_is_due_and_changes_nothing():
    org = make_org()
    long_ago = timezone.now() - timedelta(days=400)
    Organization.objects.filter(pk=org.pk).update(status=OrgStatus.DELETING, deleting_since=long_ago)
    Session.objects.create(session_key="gone", session_data="", expire_date=long_ago)
    with time_machine.travel(FUTURE, tick=False):
        before = (partitions(), snapshot())
        said = run_maintain(dry_run=True)
        assert (partitions(), snapshot()) == before
    assert "would make audit_logs_2031_03" in said
    assert f"would purge {org.slug}" in said
    assert "would delete 1 expired" in said
    assert Session.objects.exists()


@pytest.mark.django_db
def test_json_names_every_task():
    answer = json.loads(run_maintain(json=True))
    assert answer["running_elsewhere"] is False
    assert [task["name"] for task in answer["tasks"]] == [task.name for task in TASKS]


@pytest.mark.django_db
def test_while_another_one_runs_nothing_is_done_and_that_is_no_error():
    with only_one() as alone:
        assert alone
        assert "another maintain is running" in run_maintain()
        assert json.loads(run_maintain(json=True)) == {"running_elsewhere": True, "tasks": []}
    assert "log-partitions" in run_maintain()


@pytest.mark.django_db
def test_a_task_that_fails_is_told_and_keeps_no_other_from_running(monkeypatch):
    def break_down() -> str:
        raise ValueError("the disk is full\nand more")

    monkeypatch.setattr("config.management.commands.maintain.TASKS", [Task("broken", "", str, break_down), *TASKS])
    said = io.StringIO()
    with pytest.raises(CommandError, match="broken did not finish"):
        call_command("maintain", stdout=said)
    assert "✗ broken           ValueError: the disk is full\n" in said.getvalue()
    assert "✓ sessions" in said.getvalue()


def keep(action: Callable[[], None], failures: list[Exception]) -> None:
    """Run in a thread, and keep what went wrong for the test to see."""
    try:
        action()
    except Exception as error:
        failures.append(error)
    finally:
        connection.close()


@pytest.fixture
def cleared_months(transactional_db: Any, monkeypatch: Any) -> Iterator[None]:
    """Partitions outlive a test that commits: take away those it made, whose rows must not be sealed before."""
    monkeypatch.setattr("config.management.commands.maintain.TASKS", TASKS[:1])
    before = partitions().keys()
    yield
    with connection.cursor() as cursor:
        for name in partitions().keys() - before:
            cursor.execute(f"drop table {name}")


@pytest.mark.usefixtures("cleared_months")
def test_a_busy_log_makes_maintain_give_way_and_try_again(monkeypatch):
    monkeypatch.setattr(task, "LOCK_TIMEOUT", "50ms")
    reader = connection.copy()
    with reader.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute("select count(*) from audit_logs")
        threading.Timer(0.4, reader.connection.close).start()
        with time_machine.travel(FUTURE, tick=False):
            assert "made audit_logs_2031_03" in run_maintain()


@pytest.mark.usefixtures("cleared_months")
def test_two_at_once_make_every_month_once():
    log_at(FUTURE, count=200)
    said: list[str] = []

    def maintain() -> None:
        said.append(run_maintain())
        connection.close()

    with time_machine.travel(FUTURE, tick=False):
        threads = [threading.Thread(target=maintain) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with connection.cursor() as cursor:
            assert missing_months(cursor, LOG, *months_ahead()) == []
    assert len(said) == 4
    assert sum("made audit_logs_2031_03" in text for text in said) == 1
    assert count_in("audit_logs_2031_03") == 200


@pytest.fixture
def two_months_missing(cleared_months: None) -> Iterator[None]:
    """This month's rows go into DEFAULT until maintain has run. Set aside, not dropped: seals may know the rows."""
    today = timezone.now().date().replace(day=1)
    bounds = partitions()
    names = [f"audit_logs_{month:%Y_%m}" for month in (today, month_after(month_after(today)))]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"alter table audit_logs detach partition {name}")
            cursor.execute(f"alter table {name} rename to {name}_aside")
        yield
        for name in names:
            cursor.execute(f"drop table if exists {name}")
            cursor.execute(f"alter table {name}_aside rename to {name}")
            cursor.execute(f"alter table audit_logs attach partition {name} {bounds[name]}")


@pytest.mark.usefixtures("two_months_missing")
def test_writers_go_on_while_default_is_drained():
    """Nothing is lost between the copy and the moment at which the new month takes over."""
    now = timezone.now()
    written, stop = [0], threading.Event()
    failures: list[Exception] = []
    counting = threading.Lock()

    def write() -> None:
        while not stop.is_set():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select log_event('test.tick')")
            with counting:
                written[0] += 1

    writers = [threading.Thread(target=keep, args=[write, failures]) for _ in range(3)]
    for thread in writers:
        thread.start()
    try:
        while written[0] < 50 and not failures:
            time.sleep(0.01)
        said = run_maintain()
    finally:
        stop.set()
        for thread in writers:
            thread.join()
    assert failures == []
    assert f"made audit_logs_{now:%Y_%m}" in said
    assert count_in("audit_logs_default") == 0
    assert AuditLog.objects.filter(action="test.tick").count() == written[0]
