"""The PostgreSQL server itself is killed in the middle of a conversion, and comes back."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.busy import BATCH, Busy, finish, wait_for
from tests.faults.ground import Ground
from tests.faults.private_server import PrivateServer, django_on_server, private_server
from tests.faults.snapshot import compare

pytestmark = [pytest.mark.torture, pytest.mark.xdist_group("faults_server")]
SEED = int(os.environ.get("TENANTRY_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


@pytest.fixture
def own(django_db_setup: Any, django_db_blocker: Any, tmp_path: Path) -> Iterator[tuple[PrivateServer, Ground]]:
    with django_db_blocker.unblock(), private_server() as server, django_on_server(server, tmp_path) as ground:
        yield server, ground


def test_a_conversion_survives_the_death_of_its_server(own: tuple[PrivateServer, Ground]):
    server, ground = own
    chance = random.Random(SEED)
    print(f"TENANTRY_SEED={SEED}")
    busy, told = Busy(ground, 60_000), []
    with busy.at_work(seed=SEED, per_second=30) as running:
        for _ in range(6):
            process = ground.start_on_plan("run", "--batch-ms", "10")
            wait_for(process, chance.choice(["column", BATCH, BATCH, r"hit_parts: [\d,]+ of", "constrain"]))
            ground.run("select pg_sleep(%s)", [chance.random() / 3])
            server.kill()
            code, said = finish(process)
            assert code in (0, 1), said
            told.append(said)
            server.restart()
        code, said = finish(ground.start_on_plan("run"))
        assert code == 0, said
        busy.judge_traffic(running)
    ground.must("run")
    busy.judge()
    ground.must("rollback", "--no-input")
    assert compare(busy.before, busy.snap()) == []
    # Last, for the rows matter more than the words.
    assert [said for said in told if "Traceback" in said] == []
