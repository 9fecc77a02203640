"""Rotations of the vault's keys that are killed: whenever it happens, every credential can be read."""

import os
import random
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from tenants.vault.credentials import read_credential
from tenants.vault.rotation import count_outstanding
from tests.databases import ROOT, database_url
from tests.factories import make_org
from tests.tenants.vault.vaults import ask, make_with_credential, written_key

# Two that take turns, each at the head of the ring.
RINGS = [f"{written_key('spring', 'a')},{written_key('summer', 'b')}", f"{written_key('summer', 'b')},"]
RINGS[1] += written_key("spring", "a")
DICE = random.Random(os.environ.get("TENANTRY_SEED", "7"))
pytestmark = pytest.mark.django_db(transaction=True)


def start(ring: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "DATABASE_URL": database_url(connection.settings_dict["NAME"])}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "rotate_keys", "--data-keys"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**environment, "TENANTRY_VAULT_KEYS": ring},
    )


def kill_after(process: subprocess.Popen[str], lines: int) -> bool:
    """kill -9 after that many steps were told; False: it had ended by then."""
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    rest, _ = process.communicate()
    assert "Traceback" not in "".join(said) + rest
    return process.returncode < 0


def assert_readable(made: list[Any]) -> None:
    for one in made:
        found = read_credential(one.org_id, one.pk, purpose="test")
        assert found is not None
        assert found.reveal() == f"secret {one.org_id} {one.name}"


def rotate_and_kill(kills: int, settings: Any, *, orgs: int, each: int) -> int:
    settings.TENANTRY_VAULT_KEYS = RINGS[0]
    homes = [make_org() for _ in range(orgs)]
    made = [make_with_credential(org, f"secret {org.pk} Shop {n}", f"Shop {n}") for org in homes for n in range(each)]
    killed = 0
    for turn in range(kills):
        killed += kill_after(start(RINGS[turn % 2]), DICE.randint(0, 3 * orgs))
        assert_readable(made)
    process = start(RINGS[0])
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert_readable(made)
    assert not count_outstanding().anything
    assert ask("select count(*), count(distinct org_id) from private.vault_keys") == [(orgs, orgs)]
    return killed


def test_a_few_kills(settings):
    assert rotate_and_kill(4, settings, orgs=4, each=5) > 1


def test_two_at_once_end_in_one_new_key_each_and_every_credential_readable(settings):
    settings.TENANTRY_VAULT_KEYS = RINGS[0]
    homes = [make_org() for _ in range(3)]
    made = [make_with_credential(org, f"secret {org.pk} Shop {n}", f"Shop {n}") for org in homes for n in range(4)]
    processes = [start(RINGS[0]), start(RINGS[0])]
    for process in processes:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert_readable(made)
    assert not count_outstanding().anything
    assert ask("select count(*), count(distinct org_id) from private.vault_keys") == [(len(homes), len(homes))]


@pytest.mark.torture
def test_two_hundred_kills(settings):
    assert rotate_and_kill(200, settings, orgs=12, each=8) > 100
