"""A disk that is full in the middle of the work: a sentence, nothing lost, and the next start goes on."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.busy import Busy, finish
from tests.faults.ground import Ground
from tests.faults.private_server import PrivateServer, django_on_server, private_server

# The first starts a server, the others work on it.
pytestmark = pytest.mark.xdist_group("faults_disk")
PAGE = 8192
# Of a page that no longer fits a part is written, as on a full disk.
PART_OF_A_PAGE = 100


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


def room_for(ground: Ground, table: str, pages: int) -> int:
    """The length that this table's file may still reach."""
    return int(ground.run(f"select pg_relation_size('{table}')")[0][0]) + pages * PAGE + PART_OF_A_PAGE


def test_a_conversion_stops_with_a_sentence_and_goes_on_when_there_is_room(own: tuple[PrivateServer, Ground]) -> None:
    server, ground = own
    busy = Busy(ground, 60_000)
    room = room_for(ground, "strange.hits", 20)
    with server.full(room):
        code, said = finish(ground.start_on_plan("run"))
    print(said)
    assert code == 1, said
    assert "could not extend file" in said
    assert "Traceback" not in said
    assert f"manage.py backfill_org_ids run --plan {ground.plan}" in said.splitlines()[-1], said
    assert ground.run_ours("select count(*) from conversion_shares where state = 'parked'") == [(0,)]
    ground.must("run")
    busy.judge()
