"""Connection, credential, job, cursor, events: what is new is read once, and what went wrong is said."""

import os
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import AuditLog
from tenants.models import IntegrationConnection, MetricEvent, OrgStatus, SyncJob
from tenants.sync.adapters import Batch
from tenants.sync.folder import FolderAdapter
from tenants.sync.jobs import cancel_sync, claim_job, request_due
from tenants.sync.run import GONE, run_next
from tenants.vault.credentials import store_credential
from tenants.vault.secrets import Secret
from tests.factories import make_store, make_superuser, owner_of
from tests.tenants.sync.sources import EVERYTHING, START, lines, make_source, place_of, sign, sync, table, values

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path, settings):
    settings.TENANTRY_SYNC_DIR = str(tmp_path)
    return tmp_path


def outcome(ended):
    return [(e.status, e.job.events_read, e.job.events_added) for e in ended]


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


FAULTS = {
    "a metric that is not defined": (lines(0, 1).replace("visits", "nowhere"), "no metric nowhere"),
    "a store of nobody": (lines(0, 1, store_id=str(uuid4())), "There is no store"),
    "a time that is over": (lines(0, 1).replace(START.isoformat(), "1999-01-01T00:00:00"), "not those of 1999"),
    "no time": (lines(0, 1).replace(START.isoformat(), "noon"), "a.jsonl, record 1: recorded_at is a time"),
    "no number": (lines(0, 2).replace('"value": 1', '"value": "NaN"'), "a.jsonl, record 2: value is a number"),
    "a number without end": (lines(0, 1).replace('"value": 0', '"value": 1e9999999'), "record 1: value is a number"),
    "no id of a store": (lines(0, 1, store_id="the shop"), "a.jsonl, record 1: store_id is an id of a store, not"),
    "half a character": (lines(0, 1, via="a\ud800"), "a.jsonl, record 1: a dimension holds"),
    "half a character for an id": (lines(0, 1, event_id="a\ud800"), "a.jsonl, record 1: event_id is a text"),
    "a dimension that is no number": (lines(0, 1, via=float("nan")), "a.jsonl, record 1: "),
    "a truth for a number": (lines(0, 1).replace('"value": 0', '"value": true'), "value is a number"),
    "no object": ("[]\n", "a.jsonl, record 1: this is no JSON object"),
    "no JSON": ("{\n", "a.jsonl, record 1: this is no JSON object"),
    "a deep nest": ("[" * 100_000 + "\n", "a.jsonl, record 1: this is no JSON object"),
    "a NUL": (lines(0, 1, via="a\0b"), "a.jsonl, record 1: a dimension holds a NUL"),
    "a NUL for an id": (lines(0, 1, event_id="a\0b"), "event_id is a text"),
    "a huge dimension": (lines(0, 1, via="a" * 5000), "at most 4000"),
    "no bytes of UTF-8": ("\udcff\n", "no JSON object"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_used_is_named_and_what_came_before_stays(fault, org, root):
    text, told = FAULTS[fault]
    connection = make_source(org, root)
    place_of(connection, root, "0.jsonl").write_text(lines(100, 600))
    place_of(connection, root, "a.jsonl").write_bytes(text.encode("utf-8", "surrogateescape"))
    (ended,) = sync()
    assert ended.status == "failed"
    assert told in ended.error
    assert str(root) not in ended.error
    assert values(org) == [*range(100, 700)]
    connection.refresh_from_db()
    assert (connection.status, connection.last_error) == ("error", ended.error)
    place_of(connection, root, "a.jsonl").write_text(lines(0, 1) + " " * len(text.encode("utf-8", "replace")) + "\n")
    assert outcome(sync()) == [("succeeded", 1, 1)]
    connection.refresh_from_db()
    assert (connection.status, connection.last_error) == ("active", "")


def test_a_line_that_is_still_being_written_waits(org, root):
    connection = make_source(org, root)
    whole = lines(0, 3)
    place_of(connection, root, "a.jsonl").write_text(whole[:-20])
    assert outcome(sync()) == [("succeeded", 2, 2)]
    place_of(connection, root, "a.jsonl").write_text(whole.rstrip("\n"))
    assert outcome(sync()) == [("succeeded", 1, 1)]
    assert values(org) == [0, 1, 2]


@pytest.mark.parametrize("wanted", ["../{other}/shop", "/etc", "link", "..", ["a"], 7, "nowhere"])
def test_no_setting_leads_out_of_the_organizations_folder(wanted, org, other_org, root):
    theirs = make_source(other_org, root)
    place_of(theirs, root, "a.jsonl").write_text(lines(0, 5))
    mine = make_source(org, root)
    (root / str(org.pk) / "link").symlink_to(root / str(other_org.pk) / "shop")
    mine.settings = {"folder": wanted.replace("{other}", str(other_org.pk)) if isinstance(wanted, str) else wanted}
    mine.save()
    mine_ended = [e for e in sync() if e.job.org_id == org.pk]
    assert outcome(mine_ended) in ([("failed", 0, 0)], [("succeeded", 0, 0)])
    assert values(org) == []


def test_links_hidden_files_and_other_files_are_left_alone(org, root):
    connection = make_source(org, root)
    place_of(connection, root, "a.txt").write_text(lines(0, 1))
    place_of(connection, root, ".a.jsonl").write_text(lines(1, 1))
    place_of(connection, root, "b.jsonl").symlink_to("/etc/passwd")
    os.mkfifo(place_of(connection, root, "c.jsonl"))
    assert outcome(sync()) == [("succeeded", 0, 0)]


def test_a_signed_folder_takes_only_what_the_credential_signed(org, root):
    connection = make_source(org, root, signed=True)
    place = place_of(connection, root, "a.jsonl")
    place.write_text(lines(0, 3))
    assert "not signed by the credential" in sync()[0].error
    store_credential(connection, Secret("shared with the sender"), actor=make_superuser())
    assert "not signed by the credential" in sync()[0].error
    sign(place, "something else")
    assert "not signed by the credential" in sync()[0].error
    sign(place, "shared with the sender")
    assert outcome(sync()) == [("succeeded", 3, 3)]
    reads = AuditLog.objects.filter(action="credential_read", org_id=org.pk)
    job = SyncJob.objects.filter(org=org).latest("started_at")
    assert f"sync job {job.pk}" in [(row.new_data or {})["purpose"] for row in reads]


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
