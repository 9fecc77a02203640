"""Connections that many requests share: no row crosses, and the next user finds neither claims nor role."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.attack.bouncing import needs_pgbouncer, pgbouncer
from tests.weblogins import WebSession
from tests.worlds import Worlds

pytestmark = pytest.mark.django_db
THREADS, TURNS = 6, 50


def run_workers(worlds: Worlds, url: str, **environment: str) -> dict[str, Any]:
    """Many threads in a process of their own, with the login of web processes."""
    sides = [{"person": str(s.owner.pk), "org": str(s.org.pk)} for s in (worlds.ours, worlds.theirs)]
    wanted = {"sides": sides, "threads": THREADS, "turns": TURNS}
    done = subprocess.run(
        [sys.executable, "-m", "tests.attack.pooling_worker"],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "APP_DATABASE_URL": url, **environment},
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def assert_nothing_crossed(seen: dict[str, Any]) -> None:
    assert (seen["crossings"], seen["leaks"], seen["errors"]) == ([], [], [])
    assert seen["reads"] == THREADS * TURNS


def test_nothing_crosses_and_nothing_stays_in_djangos_pool(worlds):
    seen = run_workers(worlds, worlds.url, DATABASE_POOL="1")
    assert_nothing_crossed(seen)
    assert seen["backends"] < THREADS * TURNS / 4


def test_nothing_crosses_and_nothing_stays_without_a_pool(worlds):
    assert_nothing_crossed(run_workers(worlds, worlds.url, DATABASE_POOL="0"))


@needs_pgbouncer
@pytest.mark.parametrize("pool", ["0", "1"])
def test_nothing_crosses_and_nothing_stays_through_pgbouncer(pool, worlds):
    with pgbouncer(worlds.url) as url:
        seen = run_workers(worlds, url, DATABASE_POOL=pool)
    assert_nothing_crossed(seen)
    assert seen["backends"] <= 3


@needs_pgbouncer
def test_two_clients_of_one_server_connection_keep_their_claims_apart(worlds):
    with pgbouncer(worlds.url) as url:
        ours, theirs = WebSession(url), WebSession(url)
        for _ in range(5):
            for session, side in ((ours, worlds.ours), (theirs, worlds.theirs)):
                session.enter("api", sub=side.owner.pk, org_id=side.org.pk)
                assert session.run("select distinct org_id from stores") == [(side.org.pk,)]
                session.raw.commit()
                assert session.run("select current_user::text, auth_claims()") == [("tenantry_api", None)]
                session.raw.commit()
        ours.raw.close()
        theirs.raw.close()


@needs_pgbouncer
def test_a_role_of_the_whole_session_does_not_reach_into_anybodys_rows(worlds):
    """What an attacker leaves on a shared connection: the role stays, and still sees nothing without claims."""
    with pgbouncer(worlds.url) as url, psycopg.connect(url, autocommit=True) as attacker:
        attacker.execute("select set_config('role', 'tenantry_service', false)")
        attacker.execute("select set_config('request.jwt.claims', '{\"surface\":\"service\"}', false)")
        seen = run_workers(worlds, url, DATABASE_POOL="0")
    assert seen["crossings"] == []
    assert all("permission denied" in error for error in seen["errors"])
    assert all(rows == 0 and claims is None for _, claims, _, rows in seen["leaks"])
