"""PostgreSQL itself is killed during a restore, also in the moment in which it commits and the answer is lost."""

import os
import random
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from config.org_archive.container import hash_file
from tests.config.org_archive.moving import digest_others, digest_rows, erase, export, run, stands
from tests.databases import read_contents
from tests.faults.ending import finish, start
from tests.faults.private_server import PrivateServer
from tests.worlds import Side, make_side

pytestmark = pytest.mark.xdist_group("faults_server")
SEED = os.environ.get("TENANTRY_SEED") or str(random.SystemRandom().randrange(1, 10**6))
WAITS = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"
# A table each.
LINES = 18
TURNS = 600


@pytest.fixture
def erased(server: PrivateServer, tmp_path: Path) -> tuple[Side, Path, dict[str, str]]:
    """An organization that is only in its archive, another one, and the rows it had."""
    side, _ = make_side(), make_side()
    rows = digest_rows(side.org.pk)
    export(side.org, tmp_path / "org.zip")
    erase(side.org)
    return side, tmp_path / "org.zip", rows


def restore_and_kill(server: PrivateServer, archive: Path, lines: int) -> str:
    """The server dies when so many tables were told; it comes back."""
    process = start("restore_org", str(archive), "--sha256", hash_file(archive), PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    said = "".join(process.stdout.readline() for _ in range(lines))
    server.kill()
    code, rest = finish(process)
    connection.close()
    server.restart()
    assert code in (0, 1), said + rest
    return said + rest


def kill_servers(rounds: int, server: PrivateServer, erased: tuple[Side, Path, dict[str, str]]) -> None:
    side, archive, rows = erased
    print(f"TENANTRY_SEED={SEED}")
    chance = random.Random(SEED)
    others, nothing = digest_others(side.org.pk), read_contents("tenantry")
    for _ in range(rounds):
        said = restore_and_kill(server, archive, chance.randint(1, LINES))
        assert "Traceback" not in said
        if stands(side.org):
            assert (digest_rows(side.org.pk), digest_others(side.org.pk)) == (rows, others)
            erase(side.org)
            nothing = read_contents("tenantry")
        else:
            assert "nothing was changed" not in said, "nobody knows, while the server does not answer"
            assert "type again: manage.py restore_org" in said
            assert read_contents("tenantry") == nothing
    code, said = finish(start("restore_org", str(archive), "--sha256", hash_file(archive)))
    assert code == 0, said
    assert digest_rows(side.org.pk) == rows
    run("verify_audit")


def test_a_restore_whose_server_dies_leaves_all_or_nothing(server: PrivateServer, erased: Any) -> None:
    kill_servers(2, server, erased)


@pytest.mark.torture
def test_many_restores_whose_server_dies_leave_all_or_nothing(server: PrivateServer, erased: Any) -> None:
    kill_servers(40, server, erased)


def lose_last_answer(server: PrivateServer, *arguments: str) -> str:
    """The commit is on disk and waits for a standby that never comes: the client hears nothing any more."""
    with psycopg.connect(f"postgresql://postgres@/tenantry?host={server.folder}", autocommit=True) as session:
        session.execute("alter system set synchronous_standby_names = 'nobody'")
        session.execute("select pg_reload_conf()")
        process = start(*arguments)
        for _ in range(TURNS):
            if session.execute(WAITS).fetchone() == (1,):
                break
            session.execute("select pg_sleep(0.05)")
        session.execute("alter system reset synchronous_standby_names")
    server.kill()
    code, said = finish(process)
    connection.close()
    server.restart()
    assert code == 1, said
    return said


def test_a_restore_whose_last_answer_was_lost_does_not_say_that_nothing_was_changed(
    server: PrivateServer, erased: tuple[Side, Path, dict[str, str]]
) -> None:
    side, archive, rows = erased
    said = lose_last_answer(server, "restore_org", str(archive))
    assert digest_rows(side.org.pk) == rows
    assert "nothing was changed" not in said
    assert "type again: manage.py restore_org" in said
    code, said = finish(start("restore_org", str(archive), "--sha256", hash_file(archive)))
    assert code == 1, said
    assert f"this organization is here, as '{side.org.slug}', restored from this file at " in said


def test_an_erasure_whose_last_answer_was_lost_does_not_say_that_nothing_was_erased(server: PrivateServer) -> None:
    side = make_side()
    said = lose_last_answer(server, "erase_org", side.org.slug, "--yes")
    assert not stands(side.org)
    assert "Nothing was erased" not in said
    assert f"type again: manage.py erase_org {side.org.slug}" in said
