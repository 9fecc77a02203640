"""The disk of the log of changes (pg_wal) is full: PostgreSQL itself dies of it, and nothing that was told is lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tenants.models import SyncJob
from tests.faults.busy import Busy, finish
from tests.faults.ground import Ground
from tests.faults.private_server import PrivateServer, django_on_server, private_server
from tests.faults.test_full_disk import EVENTS, count_events, make_org_with_events, sync_once
from tests.tenants.sync.sources import START

pytestmark = pytest.mark.xdist_group("faults_log")
# Less than each of them writes in all, and more than it needs for its first batches.
OF_FILLING, OF_EVENTS = 3_000_000, 700_000


@pytest.fixture(scope="module")
def own(
    django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[PrivateServer, Ground]]:
    folder = tmp_path_factory.mktemp("log")
    with django_db_blocker.unblock(), private_server() as server, django_on_server(server, folder) as ground:
        yield server, ground


def test_a_conversion_says_that_the_server_died_and_goes_on_when_there_is_room(
    own: tuple[PrivateServer, Ground],
) -> None:
    server, ground = own
    busy = Busy(ground, 20_000)
    connection.close()
    with server.short_of_log(OF_FILLING):
        code, said = finish(ground.start_on_plan("run", "--batch-ms", "10"))
    assert "PANIC" in (server.folder / "log").read_text()
    assert code == 1, said
    assert "Traceback" not in said
    assert f"manage.py backfill_org_ids run --plan {ground.plan}" in said.splitlines()[-1], said
    # It died in the middle: some batches are there, and not all.
    found = "select count(org_id) > 0, count(*) > count(org_id) from strange.hits"
    assert ground.run(found) == [(True, True)]
    ground.must("run")
    busy.judge()


def test_a_sync_fails_with_a_sentence_and_the_next_brings_every_event_once(
    own: tuple[PrivateServer, Ground], tmp_path: Path
) -> None:
    server, ground = own
    org = make_org_with_events(tmp_path)
    connection.close()
    with server.short_of_log(OF_EVENTS):
        code, said = sync_once(tmp_path)
    assert code == 1, said
    assert "Traceback" not in said
    assert 0 < count_events(ground, org) < EVENTS
    SyncJob.objects.update(created_at=START)
    code, said = sync_once(tmp_path)
    assert code == 0, said
    assert count_events(ground, org) == EVENTS
