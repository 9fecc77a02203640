"""Connection, credential, job, cursor, events: what is new is read once, by one process at a time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tenants.models import IntegrationConnection, MetricEvent, OrgStatus, SyncJob
from tenants.sync.adapters import Batch
from tenants.sync.folder import FolderAdapter
from tenants.sync.jobs import cancel_sync, claim_job, request_due
from tenants.sync.run import GONE, run_next
from tenants.vault.credentials import store_credential
from tenants.vault.secrets import Secret
from tests.factories import make_store, make_superuser, owner_of
from tests.tenants.sync.sources import EVERYTHING, START, lines, make_source, outcome, place_of, sync, table, values

pytestmark = pytest.mark.django_db


def take():
    job = claim_job(EVERYTHING, uuid4())
    assert job is not None
    return job


def sync_one():
    ended = run_next(EVERYTHING)
    return [ended] if ended else []


def test_files_become_events_and_the_next_run_reads_what_is_new(org, root):
    connection = make_source(org, root)
    place_of(connection, root, "a.jsonl").write_text(lines(0, 1200))
    place_of(connection, root, "b.csv").write_text(table(2000, 3))
    assert outcome(sync()) == [("succeeded", 1203, 1203)]
    assert values(org) == [*range(1200), 2000, 2001, 2002]
    assert outcome(sync()) == [("succeeded", 0, 0)]
    with place_of(connection, root, "a.jsonl").open("a") as file:
        file.write(lines(1200, 10))
    place_of(connection, root, "0.jsonl").write_text(lines(3000, 1))
    assert outcome(sync()) == [("succeeded", 11, 11)]
    assert values(org) == [*range(1210), 2000, 2001, 2002, 3000]
    connection.refresh_from_db()
    assert (connection.status, connection.last_error) == ("active", "")
    assert connection.last_synced_at is not None


def test_a_record_is_an_event_with_all_that_it_says(org, root):
    connection, store = make_source(org, root), make_store(org)
    place_of(connection, root, "a.jsonl").write_text(
        lines(0, 1, store_id=str(store.pk), event_id="mine-1", via="door", dimensions={"a": [1]})
    )
    sync()
    event = MetricEvent.objects.get(org=org)
    assert (event.recorded_at, event.store_id, event.client_event_id) == (START, store.pk, "mine-1")
    assert event.dimensions == {"a": ["1"], "via": "door"}


def test_an_event_that_had_been_there_is_counted_and_not_doubled(org, root):
    connection, second = make_source(org, root), make_source(org, root, "second")
    for source in (connection, second):
        place_of(source, root, "a.jsonl").write_text(lines(0, 1, event_id="the same"))
    assert sorted(outcome(sync())) == [("succeeded", 1, 0), ("succeeded", 1, 1)]


def test_a_lost_cursor_doubles_nothing(org, root):
    connection = make_source(org, root)
    place_of(connection, root, "a.jsonl").write_text(lines(0, 700))
    sync()
    SyncJob.objects.update(cursor={})
    assert outcome(sync()) == [("succeeded", 700, 0)]
    assert values(org) == [*range(700)]


class Stubborn:
    """An adapter of somebody else's, with a fault."""

    needs_credential = True

    def read(self, source, cursor):
        yield Batch([], {"at": 1})
        raise RuntimeError(f"leaks {source.credential.reveal()}")


def test_another_adapter_is_found_by_its_name_and_its_faults_tell_no_secret(org, root, settings):
    settings.TENANTRY_SYNC_ADAPTERS = {"other": f"{__name__}.Stubborn"}
    connection = make_source(org, root)
    connection.provider = "other"
    connection.save()
    assert "has no credential: PUT /api/integrations/" in sync()[0].error
    store_credential(connection, Secret("canary-in-an-adapter"), actor=make_superuser())
    (ended,) = sync()
    assert (ended.status, ended.job.cursor) == ("failed", {"at": 1})
    assert "nobody foresaw" in ended.error
    connection.provider = "nothing"
    connection.save()
    assert "there are: folder, other" in sync()[0].error


def test_one_job_of_a_connection_runs_at_a_time_and_a_stale_one_is_taken_over(org, root):
    connection = make_source(org, root)
    place_of(connection, root, "a.jsonl").write_text(lines(0, 1100))
    request_due(EVERYTHING, every=None)
    first = take()
    SyncJob.objects.create(org=org, connection=connection)
    assert claim_job(EVERYTHING, uuid4()) is None
    SyncJob.objects.filter(pk=first.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    (ended,) = sync_one()
    assert (ended.job.pk, ended.job.attempts, ended.status) == (first.pk, 2, "succeeded")
    assert outcome(sync_one()) == [("succeeded", 0, 0)]
    assert values(org) == [*range(1100)]


def test_who_lost_a_job_writes_nothing_more(org, root, settings):
    connection = make_source(org, root)
    place_of(connection, root, "a.jsonl").write_text(lines(0, 1200))
    settings.TENANTRY_SYNC_ADAPTERS = {"folder": f"{__name__}.Robbed"}
    request_due(EVERYTHING, every=None)
    (ended,) = sync_one()
    assert ended.status == "running"
    assert values(org) == [*range(500)]


class Robbed:
    """The folder, with somebody else taking the job over after the first batch."""

    needs_credential = False

    def read(self, source, cursor):
        for batch in FolderAdapter().read(source, cursor):
            yield batch
            SyncJob.objects.update(held_by=uuid4())


def test_a_job_that_waits_or_runs_is_cancelled(org, root):
    connection, person = make_source(org, root), owner_of(org)
    request_due(EVERYTHING, every=None)
    waiting = SyncJob.objects.get(connection=connection)
    assert cancel_sync(waiting, actor=person).status == "cancelled"
    request_due(EVERYTHING, every=None)
    running = take()
    assert cancel_sync(running, actor=person).status == "running"
    place_of(connection, root, "a.jsonl").write_text(lines(0, 3))
    SyncJob.objects.filter(pk=running.pk).update(held_until=timezone.now())
    assert outcome(sync_one()) == [("cancelled", 0, 0)]
    assert values(org) == []


class Deleting:
    """The folder, with somebody deleting the connection after the first batch."""

    needs_credential = False

    def read(self, source, cursor):
        for batch in FolderAdapter().read(source, cursor):
            yield batch
            IntegrationConnection.objects.filter(pk=source.connection_id).delete()


def test_a_connection_that_is_deleted_while_it_is_read_ends_its_job_and_no_other(org, root, settings):
    gone = make_source(org, root, "gone")
    place_of(gone, root, "a.jsonl").write_text(lines(0, 1200))
    settings.TENANTRY_SYNC_ADAPTERS = {"deleting": f"{__name__}.Deleting"}
    IntegrationConnection.objects.filter(pk=gone.pk).update(provider="deleting")
    kept = make_source(org, root, "kept")
    place_of(kept, root, "a.jsonl").write_text(lines(2000, 1))
    ended = {e.name: (e.status, e.error) for e in sync()}
    assert ended == {"gone (deleting)": ("cancelled", GONE), "kept (folder)": ("succeeded", "")}
    assert values(org) == [*range(500), 2000]


def test_the_job_that_waited_longest_comes_first_whosever_it_is(org, other_org, root):
    first, second = sorted((org, other_org), key=lambda each: each.pk, reverse=True)
    jobs = [SyncJob.objects.create(org=each, connection=make_source(each, root)) for each in (first, second)]
    assert [take().pk for _ in jobs] == [job.pk for job in jobs]


@pytest.mark.parametrize("state", ["paused", "revoked", "organization suspended"])
def test_what_is_closed_is_not_synchronized(state, org, root):
    connection = make_source(org, root)
    if state.startswith("org"):
        org.status = OrgStatus.SUSPENDED
        org.save()
    else:
        connection.status = state
        connection.save()
    assert sync() == []
    SyncJob.objects.create(org=org, connection=connection)
    assert run_next(EVERYTHING) is None


def test_connections_are_due_after_a_while(org, root):
    make_source(org, root)
    assert [request_due(EVERYTHING, every=timedelta(minutes=15)) for _ in range(2)] == [1, 0]
    run_next(EVERYTHING)
    assert request_due(EVERYTHING, every=timedelta(minutes=15)) == 0
    SyncJob.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    assert request_due(EVERYTHING, every=timedelta(minutes=15)) == 1
