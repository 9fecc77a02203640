"""PostgreSQL itself is killed while events come in, keys are rotated and access is cleaned, and comes back."""

import os
import random
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import CleaningBatch, User
from tenants.models import MetricEvent, SyncJob, UserDsoAccess
from tenants.vault.rotation import count_outstanding
from tests.accounts.review.access import grant_to_stranger
from tests.factories import make_org
from tests.faults import test_killed_rotation as rotating
from tests.faults import test_killed_sync as syncing
from tests.faults.ending import finish, start
from tests.faults.private_server import PrivateServer
from tests.faults.test_killed_cleaning import CLEAN, WRONG
from tests.tenants.sync.sources import lines, make_source, place_of, values
from tests.tenants.vault.vaults import make_with_credential

pytestmark = pytest.mark.xdist_group("faults_server")
SEED = os.environ.get("TENANTRY_SEED") or str(random.SystemRandom().randrange(1, 10**6))
DEATHS = 3
EVENTS = 6_000
ORGS = 4


def die_and_come_back(server: PrivateServer, process: "subprocess.Popen[str]") -> str:
    """What the process said to it; none of them knows a traceback."""
    server.kill()
    code, said = finish(process)
    connection.close()
    server.restart()
    assert code in (0, 1), said
    assert "Traceback" not in said
    return said


def test_events_that_come_in_are_there_once(server: PrivateServer, tmp_path: Path) -> None:
    org, dice = make_org(), random.Random(SEED)
    source = make_source(org, tmp_path)
    place_of(source, tmp_path, "0.jsonl").write_text(lines(0, EVENTS))
    print(f"TENANTRY_SEED={SEED}")
    for _ in range(DEATHS):
        process, there = syncing.start(tmp_path), MetricEvent.objects.count()
        syncing.wait_for_more(process, than=there)
        time.sleep(dice.uniform(0, 0.05))
        die_and_come_back(server, process)
        assert MetricEvent.objects.count() >= there
    code, said = finish(syncing.start(tmp_path))
    assert code == 0, said
    assert values(org) == [*range(EVENTS)]
    assert SyncJob.objects.latest("created_at").status == "succeeded"


def test_credentials_can_be_read_whenever_it_dies(server: PrivateServer, settings: Any) -> None:
    settings.TENANTRY_VAULT_KEYS = rotating.RINGS[0]
    dice, homes = random.Random(SEED), [make_org() for _ in range(ORGS)]
    made = [make_with_credential(org, f"secret {org.pk} Shop {n}", f"Shop {n}") for org in homes for n in range(5)]
    print(f"TENANTRY_SEED={SEED}")
    for turn in range(DEATHS):
        process = rotating.start(rotating.RINGS[turn % 2])
        assert process.stdout is not None
        for _ in range(dice.randint(0, 2 * ORGS)):
            process.stdout.readline()
        die_and_come_back(server, process)
        rotating.assert_readable(made)
    code, said = finish(rotating.start(rotating.RINGS[0]))
    assert code == 0, said
    rotating.assert_readable(made)
    assert not count_outstanding().anything


def test_access_is_cleaned_whole_or_not_at_all(server: PrivateServer) -> None:
    org, dice = make_org(), random.Random(SEED)
    for _ in range(WRONG):
        grant_to_stranger(org, days_ago=3)
    User.objects.update(last_login=timezone.now())
    print(f"TENANTRY_SEED={SEED}")
    for _ in range(DEATHS):
        process = start(*CLEAN)
        time.sleep(dice.uniform(0.8, 2))
        die_and_come_back(server, process)
        left, cleaned = UserDsoAccess.objects.filter(org=org).count(), CleaningBatch.objects.count()
        assert (left, cleaned) in ((WRONG, 0), (0, 1))
    code, said = finish(start(*CLEAN))
    assert code == 0, said
    assert not UserDsoAccess.objects.filter(org=org).exists()
