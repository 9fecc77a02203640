"""Cleanings that are killed, started twice and cut off: a batch is whole or not there, and the log with it."""

import os
import random
import time
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CleaningBatch, User
from audit.models import AuditLog
from tenants.models import Organization, UserDsoAccess
from tests.accounts.review.access import grant, grant_to_stranger, image, make_dso
from tests.factories import make_member, make_org
from tests.faults.ending import cut_off, finish, held, start, wait_until_blocked, wait_until_quiet

DICE = random.Random(os.environ.get("TENANTRY_SEED", "7"))
CLEAN = ("clean_access", "--detector", "no_membership", "--reason", "bug 7", "--despite-warnings")
WRONG = 12
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults_cleaning")]


@pytest.fixture
def org() -> Organization:
    """One organization with rows that are right, and rows of people who are no members."""
    made = make_org()
    dso = make_dso(made, "North")
    for _ in range(3):
        grant(made, make_member(made).user, dso, days_ago=40)
    for _ in range(WRONG):
        grant_to_stranger(made, days_ago=3)
    User.objects.update(last_login=timezone.now())
    return made


def see(org: Organization) -> dict[Any, Any]:
    """Every access row as it stands."""
    return {row.pk: image(row) for row in UserDsoAccess.objects.filter(org=org)}


def undo_line() -> tuple[str, ...]:
    return ("clean_access", "--undo", str(CleaningBatch.objects.latest("created_at").batch_id))


def test_a_cleaning_that_is_killed_has_removed_nothing_and_the_next_removes_all(org: Organization) -> None:
    before, log = see(org), AuditLog.objects.count()
    with held("user_dso_access") as session:
        process = start(*CLEAN)
        wait_until_blocked(session, process)
        process.kill()
        process.communicate()
    wait_until_quiet()
    assert see(org) == before
    assert (AuditLog.objects.count(), CleaningBatch.objects.count()) == (log, 0)
    code, said = finish(start(*CLEAN))
    assert code == 0, said
    assert len(see(org)) == len(before) - WRONG


def test_an_undo_that_is_killed_has_brought_nothing_back_and_the_next_brings_all(org: Organization) -> None:
    before = see(org)
    assert finish(start(*CLEAN))[0] == 0
    cleaned = see(org)
    with held("user_dso_access") as session:
        process = start(*undo_line())
        wait_until_blocked(session, process)
        process.kill()
        process.communicate()
    wait_until_quiet()
    assert see(org) == cleaned
    code, said = finish(start(*undo_line()))
    assert code == 0, said
    assert see(org) == before


def test_of_two_cleanings_at_once_one_removes_each_row_and_the_other_finds_nothing(org: Organization) -> None:
    before = see(org)
    with held("user_dso_access") as session:
        first, second = start(*CLEAN), start(*CLEAN)
        wait_until_blocked(session, first)
    said = [finish(process) for process in (first, second)]
    assert [code for code, _ in said] == [0, 0], said
    assert sorted("nothing to remove" in words for _, words in said) == [False, True], said
    assert len(see(org)) == len(before) - WRONG
    gone = AuditLog.objects.filter(table_name="user_dso_access", action="DELETE", org_id=org.pk)
    assert gone.count() == WRONG


def test_a_cleaning_whose_session_the_server_ends_says_so_and_has_removed_nothing(org: Organization) -> None:
    before = see(org)
    with held("user_dso_access") as session:
        process = start(*CLEAN)
        cut_off(wait_until_blocked(session, process))
    code, said = finish(process)
    assert code == 1, said
    assert "Traceback" not in said
    assert "What was committed stays." in said
    assert "type again: manage.py clean_access" in said
    assert see(org) == before


@pytest.mark.torture
def test_cleanings_and_undos_that_are_killed_at_any_moment_are_whole_or_not_there(org: Organization) -> None:
    whole, killed = see(org), 0
    for _ in range(60):
        stands = see(org)
        process = start(*(CLEAN if stands == whole else undo_line()))
        time.sleep(DICE.uniform(0.5, 3))
        process.kill()
        process.communicate()
        killed += process.returncode < 0
        wait_until_quiet()
        assert len(see(org)) in (len(whole), len(whole) - WRONG)
        assert all(whole[key] == row for key, row in see(org).items())
    print(f"{killed} of 60 were killed in time")
    assert killed > 5
