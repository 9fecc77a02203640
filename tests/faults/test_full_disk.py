"""A disk that is full in the middle of the work: a sentence, nothing lost, and the next start goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tenants.models import Organization, SyncJob
from tests.config.org_archive.moving import digest_rows, erase, export, restore, stands
from tests.databases import manage
from tests.factories import make_org
from tests.faults.busy import Busy, finish
from tests.faults.ground import Ground
from tests.faults.private_server import PAGE, PART_OF_A_PAGE, PrivateServer, django_on_server, private_server
from tests.tenants.sync.sources import START, lines, make_source, place_of

# The first starts a server, the others work on it.
pytestmark = pytest.mark.xdist_group("faults_disk")
EVENTS = 4_000
FILES = "relkind in ('r', 'i', 't')"
# In the months that those to come go to.
OLDER_EVENTS = """
insert into metric_events (org_id, metric_key, recorded_at, value)
select %s, 'visits', %s::timestamptz + n %% %s * interval '1 minute', n from generate_series(1, %s) n
"""
CUSTOMERS = "insert into customers (org_id, name) select %s, 'c' || n from generate_series(1, 2000) n"


@pytest.fixture(scope="module")
def own(
    django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[PrivateServer, Ground]]:
    folder = tmp_path_factory.mktemp("disk")
    # Short segments: the log of changes goes on while a table's file cannot grow.
    with (
        django_db_blocker.unblock(),
        private_server(wal_segment_mb=1) as server,
        django_on_server(server, folder) as ground,
    ):
        yield server, ground


def test_a_conversion_stops_with_a_sentence_and_goes_on_when_there_is_room(own: tuple[PrivateServer, Ground]) -> None:
    server, ground = own
    busy = Busy(ground, 40_000)
    with full_at_longest(server, ground):
        code, said = finish(ground.start_on_plan("run"))
    assert code == 1, said
    assert "could not extend file" in said
    assert "Traceback" not in said
    assert f"manage.py backfill_org_ids run --plan {ground.plan}" in said.splitlines()[-1], said
    assert ground.run_ours("select count(*) from conversion_shares where state = 'parked'") == [(0,)]
    ground.must("run")
    busy.judge()
    # Its file is long: the others would have to grow beyond it.
    ground.run("drop schema strange cascade")


def test_a_sync_fails_with_a_sentence_and_the_next_brings_every_event_once(
    own: tuple[PrivateServer, Ground], tmp_path: Path
) -> None:
    server, ground = own
    org = make_org_with_events(tmp_path)
    grow(ground, "metric_events", OLDER_EVENTS, [org.pk, START, EVENTS, 4 * EVENTS])
    before = count_events(ground, org)
    with full_at_longest(server, ground):
        code, said = sync_once(tmp_path)
    assert code == 1, said
    assert "could not extend file" in said
    assert "Traceback" not in said
    assert before <= count_events(ground, org) < before + EVENTS
    assert "base/" not in SyncJob.objects.get(org_id=org.pk).error
    SyncJob.objects.update(created_at=START)
    code, said = sync_once(tmp_path)
    assert code == 0, said
    assert count_events(ground, org) == before + EVENTS


def test_a_restore_is_refused_whole_and_done_when_there_is_room(
    own: tuple[PrivateServer, Ground], tmp_path: Path
) -> None:
    server, ground = own
    org, archive = make_org(), tmp_path / "org.zip"
    grow(ground, "audit_logs", CUSTOMERS, [org.pk])
    rows = digest_rows(org.pk)
    export(org, archive)
    erase(org)
    with full_at_longest(server, ground):
        done = manage("restore_org", str(archive), database="tenantry")
    assert done.returncode == 1, done.stdout
    assert "nothing was changed" in done.stderr
    assert "could not extend file" in done.stderr
    assert not stands(org)
    restore(archive)
    assert digest_rows(org.pk) == rows


def grow(ground: Ground, name: str, statement: str, values: list[Any]) -> None:
    """Until the longest file of the database is one that has to grow."""
    longest = f"select relname from pg_class where {FILES} order by pg_relation_size(oid) desc limit 1"
    while not ground.run(longest)[0][0].startswith(name):
        ground.run_ours(statement, values)


def make_org_with_events(folder: Path) -> Organization:
    """Whose events lie in a file, for the next sync to bring."""
    org = make_org()
    place_of(make_source(org, folder), folder, "events.jsonl").write_text(lines(0, EVENTS))
    return org


def count_events(ground: Ground, org: Organization) -> int:
    return int(ground.run_ours("select count(*) from metric_events where org_id = %s", [org.pk])[0][0])


@contextmanager
def full_at_longest(server: PrivateServer, ground: Ground) -> Iterator[None]:
    longest = ground.run(f"select max(pg_relation_size(oid)) from pg_class where {FILES}")[0][0]
    connection.close()
    with server.full(longest + 2 * PAGE + PART_OF_A_PAGE):
        yield


def sync_once(root: Path) -> tuple[int, str]:
    done = manage(
        "run_sync", "--once", database="tenantry", TENANTRY_SYNC_DIR=str(root), TENANTRY_SYNC_LEASE_SECONDS="0"
    )
    return done.returncode, done.stdout + done.stderr
