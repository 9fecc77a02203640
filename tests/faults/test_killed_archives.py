"""Exports and restores that are killed at random moments: all of it is there or nothing, and typing it again helps."""

import os
import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from audit.models import AuditLog
from config.org_archive.container import check_files, hash_file, open_archive
from config.org_archive.errors import ArchiveRefused
from config.org_archive.unfinished import give_name, is_abandoned, unfinished_file
from tests.config.org_archive.conftest import archive, sides
from tests.config.org_archive.moving import digest_others, digest_rows, erase, export, read_log, run, stands
from tests.databases import ROOT, database_url, read_contents
from tests.faults.ending import finish, start, wait_until_quiet
from tests.faults.private_server import shorten_files
from tests.worlds import Side

__all__ = ["archive", "sides"]
SEED = os.environ.get("TENANTRY_SEED") or str(random.SystemRandom().randrange(1, 10**6))
# A table each; the last ones are told when all is nearly done.
LINES = 18


def kill_somewhere(chance: random.Random, *arguments: str) -> bool:
    """kill -9 after a random number of tables; False: it had ended by then."""
    process = start(*arguments, PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    for _ in range(chance.randint(0, LINES)):
        process.stdout.readline()
    time.sleep(chance.uniform(0, 0.1))
    process.kill()
    said, _ = process.communicate()
    assert "Traceback" not in said
    wait_until_quiet()
    return process.returncode < 0


def see_everything() -> dict[str, Any]:
    """Every row of the database, whoever it belongs to."""
    return read_contents(connection.settings_dict["NAME"])


def kill_restores(rounds: int, side: Side, path: Path) -> int:
    """How many were killed in time: after each nothing of the organization is there, or all of it."""
    print(f"TENANTRY_SEED={SEED}")
    chance, killed, org = random.Random(SEED), 0, side.org
    rows, log = digest_rows(org.pk), read_log(org.pk)
    export(org, path)
    others, nothing = digest_others(org.pk), make_room(side)
    for _ in range(rounds):
        killed += kill_somewhere(chance, "restore_org", str(path), "--sha256", hash_file(path))
        if stands(org):
            assert digest_rows(org.pk) == rows
            assert read_log(org.pk)[: len(log)] == log
            assert digest_others(org.pk) == others
            nothing = make_room(side)
        else:
            assert see_everything() == nothing
    code, said = finish(start("restore_org", str(path), "--sha256", hash_file(path)))
    assert code == 0, said
    assert digest_rows(org.pk) == rows
    run("verify_audit")
    return killed


def make_room(side: Side) -> dict[str, Any]:
    """The organization is gone, and with it a person who was in no other: the restore has to make them again."""
    erase(side.org)
    User.objects.filter(pk=side.people["staff"].pk).delete()
    return see_everything()


def kill_exports(rounds: int, side: Side, path: Path) -> int:
    """How many were killed in time: under the name nothing stands, or an archive that the log knows and that holds."""
    print(f"TENANTRY_SEED={SEED}")
    chance, killed = random.Random(SEED), 0
    for _ in range(rounds):
        killed += kill_somewhere(chance, "export_org", side.org.slug, "--to", str(path))
        if path.exists():
            assert is_known(side, path)
            path.unlink()
        assert {(file.name[:9], file.stat().st_mode & 0o777) for file in path.parent.iterdir()} <= {
            (".org.zip.", 0o600)
        }
    code, said = finish(start("export_org", side.org.slug, "--to", str(path)))
    assert code == 0, said
    assert is_known(side, path)
    # What the killed ones left is people's data, too.
    assert list(path.parent.iterdir()) == [path]
    return killed


def is_known(side: Side, path: Path) -> bool:
    """Whether every hash of an archive holds, and the organization's log says that it left."""
    with open_archive(path) as (archive, manifest):
        check_files(archive, manifest)
    events = AuditLog.objects.filter(org_id=side.org.pk, action="organization.exported")
    return events.filter(new_data__sha256=hash_file(path)).exists()


def test_restores_that_are_killed_leave_all_or_nothing(sides: tuple[Side, Side], archive: Path) -> None:
    assert kill_restores(4, sides[0], archive) > 0


def test_exports_that_are_killed_leave_no_half_archive(sides: tuple[Side, Side], archive: Path) -> None:
    assert kill_exports(4, sides[0], archive) > 0


def test_an_export_leaves_the_unfinished_file_of_a_live_one_alone(sides: tuple[Side, Side], archive: Path) -> None:
    with unfinished_file(archive) as file:
        remains = list(archive.parent.iterdir())
        assert is_abandoned(remains[0]) is False
        process = start("export_org", sides[0].org.slug, "--to", str(archive))
        code, said = finish(process)
        assert code == 0, said
        assert remains[0].exists()
        with pytest.raises(ArchiveRefused, match="is there already"):
            give_name(file, archive)
    assert is_known(sides[0], archive)


def test_an_export_onto_a_full_disk_is_refused_in_words(sides: tuple[Side, Side], archive: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "export_org", sides[0].org.slug, "--to", str(archive)]
    environment = {**os.environ, "DATABASE_URL": database_url(connection.settings_dict["NAME"])}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        preexec_fn=partial(shorten_files, 2_000),
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "Nothing was exported" in done.stderr
    assert "make room" in done.stderr
    assert list(archive.parent.iterdir()) == []


@pytest.mark.torture
def test_many_restores_that_are_killed_leave_all_or_nothing(sides: tuple[Side, Side], archive: Path) -> None:
    assert kill_restores(60, sides[0], archive) > 10


@pytest.mark.torture
def test_many_exports_that_are_killed_leave_no_half_archive(sides: tuple[Side, Side], archive: Path) -> None:
    assert kill_exports(60, sides[0], archive) > 10
