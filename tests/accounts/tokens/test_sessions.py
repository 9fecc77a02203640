"""Sessions: begun by a password, kept by refresh tokens that work once, ended for good."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import Unauthenticated
from accounts.lifecycle import delete_user
from accounts.models import User, UserSession
from accounts.tokens.access import read_access_token
from accounts.tokens.expiry import delete_stale
from accounts.tokens.refresh import make_refresh_token
from accounts.tokens.sessions import (
    end_other_sessions,
    end_session,
    end_session_by_token,
    list_sessions,
    refresh_session,
)
from accounts.visitors import Visitor
from audit.models import AuditLog
from tenants.errors import NotFound
from tenants.models import Organization, OrgMember, Store
from tenants.scope import ScopeRefused, owner_scope, request_scope
from tests.accounts.tokens.people import HERE, enter, request_with, scope_of
from tests.factories import make_member, make_org, make_person, org_of
from tests.racing import run_at_once
from tests.tenants.test_scope_round_trips import counted_trips

pytestmark = pytest.mark.django_db(transaction=True)


def refresh(token):
    return refresh_session(token, visitor=HERE)


def events(person):
    found = AuditLog.objects.filter(table_name="users", record_id=str(person.pk)).exclude(
        action__in=["INSERT", "UPDATE"]
    )
    return [row.action for row in found.order_by("created_at")]


def test_signing_in_gives_a_token_for_the_primary_organization():
    person = make_person()
    token = read_access_token(enter(person).access)
    assert (token.user_id, token.org_id, token.role) == (person.pk, org_of(person).pk, "owner")
    session = UserSession.objects.get(pk=token.session_id)
    assert (session.user_id, session.ip, session.user_agent) == (person.pk, "192.0.2.1", "a browser")
    assert events(person) == ["sign_in"]


def test_a_header_that_the_database_cannot_hold_is_kept_as_far_as_it_can():
    pair = enter(make_person(), Visitor(ip="192.0.2.1", user_agent="a\0b\ud800" + "c" * 1000))
    kept = UserSession.objects.get(pk=pair.session_id).user_agent
    assert kept.startswith("ab?c")
    assert len(kept) == 300


def test_a_request_by_token_takes_three_round_trips():
    person = make_person()
    pair = enter(person)
    with counted_trips() as trips, request_with(pair.access):
        assert list(Store.objects.values_list("name")) == []
    assert trips.count == 3


def test_a_refresh_gives_new_tokens_and_the_old_one_ends_the_session():
    person = make_person()
    first = enter(person)
    second = refresh(first.refresh)
    assert scope_of(second.access).user_id == person.pk
    with pytest.raises(Unauthenticated):
        refresh(first.refresh)
    for pair in (first, second):
        with pytest.raises(ScopeRefused):
            scope_of(pair.access)
    with pytest.raises(Unauthenticated):
        refresh(second.refresh)
    assert events(person) == ["sign_in", "refresh.reused"]
    assert AuditLog.objects.get(action="refresh.reused", record_id=str(person.pk)).user_id == person.pk


def test_a_hundred_refreshes_of_one_token_at_once_have_one_winner_and_end_the_session():
    person, other = make_person(), make_person()
    pair, others = enter(person), enter(other)
    answers = run_at_once([lambda: refresh(pair.refresh)] * 100)
    won = [a for a in answers if not isinstance(a, Exception)]
    assert len(won) == 1
    assert {type(a) for a in answers if isinstance(a, Exception)} == {Unauthenticated}
    assert events(person) == ["sign_in", "refresh.reused"]
    with pytest.raises(Unauthenticated):
        refresh(won[0].refresh)
    with pytest.raises(ScopeRefused):
        scope_of(won[0].access)
    assert refresh(others.refresh)


def test_a_chain_of_refreshes_stays_one_session():
    pair = enter(make_person())
    newest = pair
    for _ in range(5):
        newest = refresh(newest.refresh)
    assert newest.session_id == pair.session_id
    assert UserSession.objects.count() == 1
    assert scope_of(pair.access)


def test_whoever_knows_a_sessions_id_cannot_end_it():
    person = make_person()
    pair = enter(person)
    with pytest.raises(Unauthenticated):
        refresh(make_refresh_token(pair.session_id)[0][:-4] + "AAAA")
    assert scope_of(pair.access)
    assert events(person) == ["sign_in"]


def test_a_changed_secret_key_signs_nobody_out(settings):
    pair = enter(make_person())
    settings.SECRET_KEY = "another"
    assert refresh(pair.refresh)


@pytest.mark.parametrize(
    "token", ["", "rt_", "rt_AAAA", "x" * 10_000, "rt_\0", "rt_\ud800", "rt_" + "A" * 86, "rt_ümläut", "rt_" + "=" * 86]
)
def test_what_is_no_refresh_token_is_refused(token):
    with pytest.raises(Unauthenticated):
        refresh(token)
    end_session_by_token(token, visitor=HERE)


def test_the_refresh_token_stands_nowhere_in_the_database():
    pair = enter(make_person())
    refresh(pair.refresh)
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select string_agg(t::text, '') from user_sessions t) || string_agg(l::text, '') from audit_logs l"
        )
        kept = cursor.fetchone()[0]
    assert [s for s in (pair.refresh, pair.access, pair.refresh[40:]) if s in kept] == []


def test_signing_out_ends_the_access_token_as_well():
    person = make_person()
    pair = enter(person)
    end_session_by_token(pair.refresh, visitor=HERE)
    with pytest.raises(ScopeRefused):
        scope_of(pair.access)
    assert events(person) == ["sign_in", "sign_out"]


def test_a_spent_refresh_token_does_not_sign_out():
    pair = enter(make_person())
    newest = refresh(pair.refresh)
    end_session_by_token(pair.refresh, visitor=HERE)
    assert scope_of(newest.access)


def test_people_end_their_own_sessions_and_nobody_elses():
    person, other = make_person(), make_person()
    mine, theirs = enter(person), enter(other)
    with pytest.raises(NotFound):
        end_session(person, theirs.session_id)
    end_session(person, mine.session_id)
    with pytest.raises(NotFound):
        end_session(person, mine.session_id)
    assert scope_of(theirs.access)


def test_the_list_of_sessions_holds_ones_own_that_still_run():
    person = make_person()
    enter(make_person())
    ended, first, second = enter(person), enter(person), enter(person)
    end_session(person, ended.session_id)
    with request_scope("service", reason="sessions", sub=person.pk, session_id=first.session_id):
        assert [s.pk for s in list_sessions(person)] == [second.session_id, first.session_id]


def test_a_service_scope_by_token_is_refused_when_its_session_has_ended():
    person = make_person()
    pair = enter(person)
    end_session(person, pair.session_id)
    with pytest.raises(ScopeRefused), request_scope("service", reason="x", sub=person.pk, session_id=pair.session_id):
        pass


def test_one_persons_session_does_not_open_the_door_for_another():
    person, other = make_person(), make_person()
    pair = enter(person)
    with pytest.raises(ScopeRefused), request_scope("api", sub=other.pk, session_id=pair.session_id):
        pass


def test_a_session_that_nobody_refreshes_ends():
    pair = enter(make_person())
    UserSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ScopeRefused):
        scope_of(pair.access)
    with pytest.raises(Unauthenticated):
        refresh(pair.refresh)


def test_maintenance_removes_sessions_that_are_long_over_and_no_others():
    kept, gone = enter(make_person()), enter(make_person())
    UserSession.objects.filter(pk=gone.session_id).update(expires_at=timezone.now() - timedelta(days=31))
    with transaction.atomic(), owner_scope("maintain"):
        assert delete_stale() == 1
    assert list(UserSession.objects.values_list("pk", flat=True)) == [kept.session_id]


def test_the_next_request_follows_the_membership_and_not_the_token():
    person, org = make_person(), make_org()
    member = make_member(org, "admin", user=person)
    User.objects.filter(pk=person.pk).update(active_org=org)
    pair = enter(person)
    assert scope_of(pair.access).role == "admin"
    OrgMember.objects.filter(pk=member.pk).update(role="member")
    assert scope_of(pair.access).role == "member"
    Organization.objects.filter(pk=org.pk).update(status="suspended")
    assert (scope_of(pair.access).status, scope_of(pair.access).org_id) == ("no-active-organization", None)
    Organization.objects.filter(pk=org.pk).update(status="active")
    OrgMember.objects.filter(pk=member.pk).update(state="inactive")
    assert scope_of(pair.access).status == "no-active-organization"
    member.delete()
    assert scope_of(pair.access).status == "no-active-organization"


def test_a_refresh_after_removal_is_for_the_next_organization():
    person, org = make_person(), make_org()
    member = make_member(org, user=person)
    User.objects.filter(pk=person.pk).update(active_org=org)
    pair = enter(person)
    member.delete()
    token = read_access_token(refresh(pair.refresh).access)
    assert (token.org_id, token.role) == (org_of(person).pk, "owner")


@pytest.mark.parametrize("end", ["disabled", "deleted"])
def test_a_person_who_is_gone_is_nobody_at_the_next_request(end):
    person = make_person()
    pair = enter(person)
    if end == "disabled":
        User.objects.filter(pk=person.pk).update(is_active=False)
    else:
        delete_user(person, actor=person)
    with pytest.raises(ScopeRefused):
        scope_of(pair.access)
    with pytest.raises(Unauthenticated):
        refresh(pair.refresh)


def test_a_password_that_is_changed_anywhere_ends_every_session():
    person = make_person()
    pair = enter(person)
    person.set_password("another horse battery staple")
    person.save()
    with pytest.raises(ScopeRefused):
        scope_of(pair.access)


def test_ending_the_others_keeps_one():
    person = make_person()
    first, second = enter(person), enter(person)
    assert end_other_sessions(person, keep=second.session_id) == 1
    with pytest.raises(ScopeRefused):
        scope_of(first.access)
    assert scope_of(second.access)


def test_tokens_are_not_shown_by_what_holds_them():
    pair = enter(make_person())
    assert pair.access not in repr(pair)
    assert pair.refresh not in repr(pair)
