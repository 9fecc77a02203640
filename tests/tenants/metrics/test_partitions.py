"""The events' partitions: made, filled by DEFAULT, drained and retired, and every one of them as closed as the next."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from audit.models import AuditLog
from config.maintenance import partitions as work
from config.maintenance.task import NOTHING
from postgres.partitions import count_default, list_partitions, make_months
from tenants.doctor.runner import examine
from tenants.metrics.events import NewEvent, add_events
from tenants.metrics.partitions import EVENTS
from tenants.models import MetricDefinition, MetricEvent, Store
from tenants.scope import api_scope
from tests.factories import make_store

pytestmark = pytest.mark.django_db
FAR = date(2091, 11, 1)
# What stands on one partition; names of indexes, keys and triggers differ, what they do must not.
STANDING = {
    "security": "select relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner), relacl::text from pg_class"
    " where oid = %(part)s::regclass",
    "columns": "select attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(d.adbin, d.adrelid)"
    " from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum"
    " where attrelid = %(part)s::regclass and attnum > 0",
    "policies": "select policyname, permissive, roles::text, cmd, qual, with_check from pg_policies"
    " where tablename = %(part)s",
    "indexes": "select regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \\S+ ON \\S+', ''), indisvalid from pg_index"
    " where indrelid = %(part)s::regclass",
    "constraints": "select contype::text, pg_get_constraintdef(oid), convalidated from pg_constraint"
    " where conrelid = %(part)s::regclass and contype <> 'n'",
    "triggers": "select tgname, tgtype, tgenabled, tgfoid::regproc::text from pg_trigger"
    " where tgrelid = %(part)s::regclass and not tgisinternal",
}


@pytest.fixture
def cursor(db):
    with connection.cursor() as cursor:
        yield cursor


@pytest.fixture(autouse=True)
def visits(db):
    return MetricDefinition.objects.create(key="visits", display_name="Visits")


def add(org, *moments, **said):
    return add_events(org.pk, [NewEvent("visits", moment, Decimal(1), **said) for moment in moments])


def homes(org):
    """Which partition each event of the organization is in, by time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select tableoid::regclass::text from metric_events where org_id = %s order by recorded_at", [org.pk]
        )
        return [name for (name,) in cursor.fetchall()]


def stands_on(cursor, part):
    found = {}
    for kind, query in STANDING.items():
        cursor.execute(query, {"part": part})
        # DEFAULT's own condition, the bounds of the others: what only says which rows are there.
        found[kind] = sorted(map(str, cursor.fetchall()))
    return found


@contextmanager
def refused():
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        yield


def drop_months(cursor):
    for name in list_partitions(cursor, EVENTS):
        if name != EVENTS.default:
            cursor.execute(f"drop table {name}")


def test_new_attached_and_moved_partitions_stand_like_one_another(cursor, org):
    add(org, datetime(2091, 11, 5, tzinfo=UTC))
    made = make_months(cursor, EVENTS, FAR, 2)
    parts = [*made, EVENTS.default, f"metric_events_{timezone.now():%Y_%m}"]
    first, *others = (stands_on(cursor, part) for part in parts)
    assert homes(org) == ["metric_events_2091_11"]
    assert len(first["indexes"]) == 4
    assert [p.split(",")[0] for p in first["policies"]] == ["('tenantry_owner_all'"]
    assert first["security"][0].startswith("(True, True, 'tenantry_owner', ")
    for other in others:
        assert other == first


def test_no_partition_is_reached_but_through_its_parent(cursor, org, owner):
    add(org, timezone.now())
    for part in list_partitions(cursor, EVENTS):
        for statement in (f"select * from {part}", f"delete from {part}", f"insert into {part} select * from {part}"):
            with refused(), api_scope(owner.pk, org.pk):
                cursor.execute(statement)
    with api_scope(owner.pk, org.pk):
        assert MetricEvent.objects.count() == 1


def test_what_was_measured_is_not_changed_by_a_client(org, owner):
    add(org, timezone.now())
    for change in (lambda rows: rows.update(value=2), lambda rows: rows._raw_delete("default")):
        with refused(), api_scope(owner.pk, org.pk):
            change(MetricEvent.objects.all())


def test_forty_days_without_maintenance_lose_nothing(cursor, org, settings):
    settings.TENANTRY_MONTHS_AHEAD = 0
    drop_months(cursor)
    work.make_partitions(EVENTS)
    later = timezone.now() + timedelta(days=40)
    moments = [later - timedelta(days=n) for n in range(45)]
    with time_machine.travel(later, tick=False):
        assert add(org, *moments) == 45
        assert EVENTS.default in homes(org)
        (late,) = (f for f in examine(["partition_months"]) if "DEFAULT holds rows" in f.reason)
        assert late.object.endswith(EVENTS.default)
        said = work.make_partitions(EVENTS)
    assert EVENTS.name_of(later.date()) in said
    assert "rows out of metric_events_default" in said
    assert count_default(cursor, EVENTS) == 0
    assert sorted(MetricEvent.objects.filter(org=org).values_list("recorded_at", flat=True)) == sorted(moments)


def test_an_event_that_was_moved_still_counts_once(cursor, org):
    moment = datetime(2091, 11, 5, tzinfo=UTC)
    assert add(org, moment, client_event_id="a") == 1
    make_months(cursor, EVENTS, FAR, 1)
    assert add(org, moment, client_event_id="a") == 0


def test_a_month_has_no_place_for_a_store_of_another_organization(cursor, org, other_org):
    make_months(cursor, EVENTS, FAR, 1)
    for moment in (datetime(2091, 11, 5, tzinfo=UTC), datetime(2091, 12, 5, tzinfo=UTC), timezone.now()):
        with pytest.raises(IntegrityError, match="fk_metric_events_store_id"), transaction.atomic():
            add(org, moment, store_id=make_store(other_org, f"of {moment}").pk)


@pytest.mark.parametrize("moment", ["1999-12-31", "2100-01-01", "infinity", "-infinity", "0044-03-15 BC"])
def test_no_row_makes_maintain_build_months_that_nobody_lives_in(cursor, org, moment):
    with pytest.raises(IntegrityError, match="metric_events_recorded_at"), transaction.atomic():
        cursor.execute(
            "insert into metric_events (org_id, metric_key, value, recorded_at) values (%s, 'visits', 1, %s)",
            [org.pk, moment],
        )


def test_a_number_is_a_number(cursor, org):
    with pytest.raises(DatabaseError, match="metric_events_value"), transaction.atomic():
        cursor.execute(
            "insert into metric_events (org_id, metric_key, value, recorded_at) values (%s, 'visits', 'NaN', now())",
            [org.pk],
        )


def test_a_purged_store_leaves_what_was_measured_in_it(org):
    store = make_store(org)
    add(org, timezone.now(), store_id=store.pk)
    Store.objects.filter(pk=store.pk).delete()
    assert MetricEvent.objects.get(org=org).store_id is None


def test_a_metric_that_has_events_is_not_deleted(org, visits):
    add(org, timezone.now())
    with pytest.raises(IntegrityError, match="fk_metric_events_metric_key"), transaction.atomic():
        visits.delete()


class TestRetention:
    @pytest.fixture(autouse=True)
    def three_months(self, settings):
        settings.TENANTRY_EVENT_RETENTION_MONTHS = 3

    def measured(self, cursor, org, *days):
        for day in days:
            make_months(cursor, EVENTS, day, 1)
        add(org, *(datetime(d.year, d.month, d.day, 12, tzinfo=UTC) for d in days))

    @time_machine.travel(datetime(2031, 3, 14, tzinfo=UTC), tick=False)
    def test_months_go_when_all_of_them_is_older_than_what_is_kept(self, cursor, org):
        self.measured(cursor, org, date(2030, 10, 1), date(2030, 11, 30), date(2030, 12, 1), date(2031, 3, 1))
        assert "metric_events_2030_10, metric_events_2030_11" in work.look_at_events()
        said = work.retire_events()
        assert "metric_events_2030_10, metric_events_2030_11" in said
        assert homes(org) == ["metric_events_2030_12", "metric_events_2031_03"]
        entry = AuditLog.objects.get(action="metrics.month_retired", table_name="metric_events_2030_11")
        assert entry.new_data == {"rows": 1}
        assert work.retire_events() == NOTHING

    @time_machine.travel(datetime(2031, 3, 14, tzinfo=UTC), tick=False)
    def test_an_event_of_a_month_that_is_gone_does_not_bring_it_back(self, cursor, org):
        add(org, datetime(2030, 11, 30, tzinfo=UTC), datetime(2031, 3, 14, tzinfo=UTC))
        assert "deleted 1 rows of metric_events_default" in work.retire_events()
        said = work.make_partitions(EVENTS)
        assert "metric_events_2030_11" not in said
        assert homes(org) == ["metric_events_2031_03"]

    def test_without_it_nothing_goes(self, cursor, org, settings):
        settings.TENANTRY_EVENT_RETENTION_MONTHS = 0
        self.measured(cursor, org, date(2001, 2, 3))
        assert work.look_at_events() == NOTHING
        assert work.retire_events() == NOTHING
        assert homes(org) == ["metric_events_2001_02"]
