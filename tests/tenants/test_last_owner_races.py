"""The last owner, when many connections try at once: READ COMMITTED waits, REPEATABLE READ is refused."""

from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from tenants.errors import Conflict, Refusal
from tenants.membership import deactivate_member, remove_member, transfer_ownership
from tenants.models import MemberState, OrgMember, Role
from tests.factories import make_member, make_org, make_superuser, owner_of
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)
ATTEMPTS = 50


@pytest.fixture
def shared():
    """An organization with two owners, each of whom owns another one as well."""
    org = make_org()
    make_member(org, Role.OWNER)
    return org


def owners(org):
    return OrgMember.objects.filter(org=org, role=Role.OWNER, state=MemberState.ACTIVE)


def run_sql(statement, parameters, isolation="read committed"):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set transaction isolation level {isolation}")
        # At REPEATABLE READ the first statement takes the snapshot: both owners are in it.
        cursor.execute("select count(*) from org_members")
        cursor.execute(statement, parameters)
        return cursor.rowcount


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize(
    "statement",
    [
        "delete from org_members where id = %s",
        "update org_members set role = 'admin' where id = %s and role = 'owner'",
        "update org_members set state = 'inactive' where id = %s and state = 'active'",
    ],
)
def test_of_many_attempts_to_remove_two_owners_one_succeeds(shared, statement, isolation):
    two = list(owners(shared))
    jobs = [partial(run_sql, statement, [two[n % 2].pk], isolation) for n in range(ATTEMPTS)]
    answers = run_at_once(jobs)
    assert owners(shared).count() == 1
    assert answers.count(1) == 1
    assert all(isinstance(a, DatabaseError) for a in answers if a not in (0, 1))


@pytest.mark.parametrize("act", [remove_member, deactivate_member])
def test_of_many_verbs_one_succeeds_and_the_others_say_why(shared, act):
    two, boss = list(owners(shared)), make_superuser()
    answers = run_at_once([partial(act, two[n % 2], actor=boss) for n in range(ATTEMPTS)])
    assert owners(shared).count() == 1
    assert sum(not isinstance(a, Exception) for a in answers) == 1
    assert all(isinstance(a, Refusal) for a in answers if isinstance(a, Exception))
    assert any(isinstance(a, Conflict) and a.code == "org_members_last_owner" for a in answers)


def test_deleting_both_people_at_once_keeps_one(shared):
    people = [m.user_id for m in owners(shared)]
    # Each solely owns an organization of their own, which alone would keep them.
    run_sql("delete from organizations where created_by_id = any(%s) and id <> %s", [people, shared.pk])
    answers = run_at_once([partial(run_sql, "delete from users where id = %s", [pk]) for pk in people])
    assert owners(shared).count() == 1
    assert answers.count(1) == 1


def test_two_owners_who_hand_over_to_each_other_leave_an_owner(shared):
    first, second = (m.user for m in owners(shared))
    run_at_once(
        [
            lambda: transfer_ownership(shared, to=second, actor=first),
            lambda: transfer_ownership(shared, to=first, actor=second),
        ]
    )
    assert owners(shared).exists()
    assert owner_of(shared)
