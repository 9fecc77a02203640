"""Synchronizations that are killed: the next goes on at the batch after, and no event is lost or comes twice."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from tenants.models import MetricEvent, SyncJob
from tests.databases import ROOT, database_url
from tests.factories import make_org
from tests.tenants.sync.sources import lines, make_source, place_of, values

DICE = random.Random(os.environ.get("TENANTRY_SEED", "7"))
ROWS, FILES = 6_000, 3
pytestmark = pytest.mark.django_db(transaction=True)


def start(root: Path) -> subprocess.Popen[str]:
    """A process whose lease is over as soon as it is dead."""
    environment = {**os.environ, "DATABASE_URL": database_url(connection.settings_dict["NAME"])}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "run_sync", "--once"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**environment, "TENANTRY_SYNC_DIR": str(root), "TENANTRY_SYNC_LEASE_SECONDS": "0"},
    )


def wait_for_more(process: subprocess.Popen[str], than: int) -> None:
    """Until the process has committed something, or ended."""
    while process.poll() is None and MetricEvent.objects.count() <= than:
        time.sleep(0.005)


def kill_again_and_again(kills: int, root: Path) -> int:
    org, other = make_org(), make_org()
    sources = [make_source(org, root), make_source(other, root)]
    for source in sources:
        for n in range(FILES):
            place_of(source, root, f"{n}.jsonl").write_text(lines(n * ROWS // FILES, ROWS // FILES))
    killed = 0
    for _ in range(kills):
        process = start(root)
        wait_for_more(process, than=MetricEvent.objects.count())
        time.sleep(DICE.uniform(0, 0.05))
        process.kill()
        process.communicate()
        killed += process.returncode < 0
    for process in (start(root), start(root)):
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
    for home in (org, other):
        assert values(home) == [*range(ROWS)]
    assert [j.status for j in SyncJob.objects.all()] == ["succeeded"] * SyncJob.objects.count()
    assert sum(SyncJob.objects.values_list("events_added", flat=True)) == 2 * ROWS
    return killed


def test_a_few_kills(tmp_path):
    assert kill_again_and_again(3, tmp_path) > 1


@pytest.mark.torture
def test_many_kills(tmp_path):
    assert kill_again_and_again(40, tmp_path) > 10
