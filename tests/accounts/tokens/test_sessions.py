"""Sessions: begun by a password, kept by refresh tokens that work once, ended for good."""

from uuid import UUID

import jwt
import pytest
from django.db import connection

from accounts.errors import Unauthenticated
from accounts.models import User, UserSession
from accounts.tokens.access import read_access_token
from accounts.tokens.bearer import read_bearer
from accounts.tokens.sessions import (
    end_other_sessions,
    end_session,
    end_session_of,
    list_sessions,
    refresh_session,
)
from accounts.tokens.sign_in import sign_in
from accounts.visitors import Visitor
from audit.models import AuditLog
from tenants.errors import NotFound
from tenants.models import OrgMember
from tenants.scope import ScopeRefused, request_scope
from tests.factories import PASSWORD, make_member, make_person, org_of
from tests.racing import run_at_once

HERE = Visitor(ip="192.0.2.1", user_agent="a browser", request_id="request-1")
real = pytest.mark.django_db(transaction=True)


def request_of(pair):
    """The scope that a request with this access token is let into."""
    bearer = read_bearer(f"Bearer {pair.access}")
    with request_scope("api", **bearer.claims) as scope:
        return scope


@real
def test_signing_in_gives_a_token_for_the_primary_organization():
    person = make_person()
    token = read_access_token(sign_in(person.email.upper(), PASSWORD, visitor=HERE).access)
    assert (token.user_id, token.org_id, token.role) == (person.pk, org_of(person).pk, "owner")
    session = UserSession.objects.get(pk=token.session_id)
    assert (session.user_id, session.ip, session.user_agent) == (person.pk, "192.0.2.1", "a browser")


@real
def test_a_request_by_token_enters_in_one_message_with_what_the_membership_says_now():
    person = make_person()
    pair = sign_in(person.email, PASSWORD, visitor=HERE)
    assert request_of(pair).role == "owner"
    other = make_member(org_of(person), "owner").user
    OrgMember.objects.filter(user=person).update(role="member")
    assert request_of(pair).role == "member"
    assert other


@real
def test_a_hundred_refreshes_of_one_token_at_once_have_one_winner_and_end_the_session():
    person = make_person()
    pair = sign_in(person.email, PASSWORD, visitor=HERE)
    jobs = [lambda: refresh_session(pair.refresh, visitor=HERE)] * 25
    answers = [a for _ in range(4) for a in run_at_once(jobs)]
    won = [a for a in answers if not isinstance(a, Exception)]
    assert len(won) == 1
    assert {type(a) for a in answers if isinstance(a, Exception)} == {Unauthenticated}
    session = UserSession.objects.get(pk=pair.session_id)
    assert session.end_reason == "refresh.reused"
    assert AuditLog.objects.filter(action="refresh.reused", user_id=person.pk).count() == 1
    with pytest.raises(Unauthenticated):
        refresh_session(won[0].refresh, visitor=HERE)
    with pytest.raises(ScopeRefused):
        request_of(won[0])
