"""The PostgreSQL server itself is killed in the middle of a conversion, and comes back."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.databases import manage
from tests.faults.busy import BATCH, Busy, finish, wait_for
from tests.faults.ground import PASSWORD, Ground
from tests.faults.private_server import PrivateServer, private_server
from tests.faults.snapshot import compare

pytestmark = [pytest.mark.torture, pytest.mark.xdist_group("faults_server")]
SEED = int(os.environ.get("TENANTRY_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


@pytest.fixture
def own(
    django_db_setup: Any, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[PrivateServer, Ground]]:
    """Django's connection stands on the private server meanwhile."""
    with django_db_blocker.unblock(), private_server() as server:
        before = dict(connection.settings_dict)
        connection.close()
        place = {"NAME": "tenantry", "USER": "tenantry", "PASSWORD": "", "HOST": str(server.folder), "PORT": ""}
        options = {key: value for key, value in before["OPTIONS"].items() if key != "host"}
        connection.settings_dict.update({**place, "OPTIONS": options})
        try:
            done = manage("migrate", database="tenantry")
            assert done.returncode == 0, done.stderr
            ground = Ground("tenantry", tmp_path, "old")
            ground.run(
                f"create role old_owner; create role old_app login password '{PASSWORD}';"
                " grant old_owner to session_user"
            )
            yield server, ground
        finally:
            connection.close()
            connection.settings_dict.clear()
            connection.settings_dict.update(before)


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
