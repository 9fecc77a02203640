"""Fifty people sign up at once, and half of them lose their process half-way: each is wholly there, or not at all."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from accounts.models import User, UserPreferences, UserProfile
from accounts.tokens.access import read_access_token
from accounts.tokens.sessions import start_session
from accounts.visitors import Visitor
from tenants.models import MemberState, Organization, OrgMember, Role, Workspace
from tests.databases import ROOT, copied_database, database_url, django_on, login_dsn
from tests.weblogins import drop_test_login, make_test_login

PEOPLE = 50
SECONDS = 240
# In the middle of their transactions, with some of their rows written.
WAITING = "select count(distinct pid) from pg_locks where not granted and relation = to_regclass(%s)"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults_server")]


@pytest.fixture(scope="module", autouse=True)
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Groups run first, and what is committed here stays in a log that tests of the suite's database count."""
    with django_db_blocker.unblock(), copied_database("sign_ups") as database, django_on(database):
        yield


@pytest.fixture
def web_address() -> Iterator[str]:
    url = make_test_login()
    connection.close()
    yield url
    drop_test_login(url)


def start(addresses: list[str], url: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.sign_up_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
            "APP_DATABASE_URL": url,
            "DATABASE_POOL": "false",
        },
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(addresses))
    process.stdin.close()
    process.stdin = None
    return process


@contextmanager
def held(table: str) -> Iterator[psycopg.Connection]:
    """Nobody inserts into a table until the block ends."""
    with psycopg.connect(login_dsn(connection.settings_dict["NAME"])) as session:
        session.execute("set local role tenantry_owner")
        session.execute(f"lock table {table} in share row exclusive mode")
        yield session


def wait_until_stuck(session: psycopg.Connection, table: str) -> None:
    deadline = time.monotonic() + SECONDS
    while (stuck := session.execute(WAITING, [table]).fetchone()) != (PEOPLE,):
        assert time.monotonic() < deadline, stuck
        time.sleep(0.1)


def finish(process: subprocess.Popen[str]) -> None:
    said, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, said) == (0, "[]"), said + errors


def judge_whole(address: str) -> None:
    """Person, profile, preferences, organization, workspace and membership, and a token that says so."""
    person = User.objects.get(email_lower=address)
    assert UserProfile.objects.filter(user=person, email=address).count() == 1
    assert UserPreferences.objects.filter(user=person).count() == 1
    org = Organization.objects.get(created_by=person)
    member = OrgMember.objects.get(user=person)
    assert (member.org_id, member.role, member.state) == (org.pk, Role.OWNER, MemberState.ACTIVE)
    assert Workspace.objects.filter(org=org).count() == 1
    with transaction.atomic():
        token = read_access_token(start_session(person, visitor=Visitor()).access)
    assert (token.user_id, token.org_id, token.role) == (person.pk, org.pk, "owner")


def counts() -> set[int]:
    """As many of each as there are people; nothing without its person."""
    tables = (User, UserProfile, UserPreferences, Organization, OrgMember, Workspace)
    return {table._default_manager.count() for table in tables}


@pytest.mark.parametrize("table", ["organizations", "workspaces"])
def test_who_is_killed_half_way_leaves_nothing_behind(table, web_address):
    addresses = [f"racer{n}@example.org" for n in range(PEOPLE)]
    doomed, lucky = addresses[::2], addresses[1::2]
    with held(table) as session:
        processes = [start(group, web_address) for group in (doomed, lucky)]
        wait_until_stuck(session, table)
        processes[0].kill()
        processes[0].communicate()
    finish(processes[1])
    assert counts() == {len(lucky)}
    for address in lucky:
        judge_whole(address)
    # Nothing of the others stands in their way now.
    finish(start(doomed, web_address))
    assert counts() == {PEOPLE}
    for address in doomed:
        judge_whole(address)
