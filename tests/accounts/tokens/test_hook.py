"""The access token hook: Supabase's contract, the primary organization, and claims that no hook may touch."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import TokenDenied
from accounts.models import User
from accounts.tokens.access import mint_access_token, read_access_token
from accounts.tokens.hook import PROTECTED, HookBroken, compute_claims
from postgres.keys import new_id
from tenants.models import Organization, OrgMember
from tenants.scope import api_scope, service_scope
from tests.accounts.tokens.people import good_claims
from tests.factories import make_member, make_org, make_person, make_staff, org_of

pytestmark = pytest.mark.django_db
NOBODY = "01a1fc82-0000-7000-8000-000000000000"
REPLACE = """
create or replace function custom_access_token_hook(event jsonb) returns jsonb language plpgsql
as $hook$ begin return {}; end $hook$
"""


def call(event):
    with transaction.atomic(), service_scope("test"), connection.cursor() as cursor:
        cursor.execute("select custom_access_token_hook(%s::jsonb)::text", [json.dumps(event)])
        return json.loads(cursor.fetchone()[0])


def event_of(person, **claims):
    return {"user_id": str(person.pk), "claims": good_claims(**claims), "authentication_method": "password"}


def replace_hook(answer):
    """Another hook, as an operator may write one; gone with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(REPLACE.format(answer))


def test_the_claims_come_back_with_the_organization_added_and_all_else_kept():
    person = make_person()
    event = event_of(person, custom={"a": 1}, app_metadata={"provider": "email"})
    org_id = str(org_of(person).pk)
    assert call(event) == {
        "claims": {
            **event["claims"],
            "org_id": org_id,
            "user_role": "owner",
            "app_metadata": {"provider": "email", "org_id": org_id},
        }
    }


def test_the_primary_organization_is_the_chosen_one_while_it_holds():
    person, org = make_person(), make_org()
    member = make_member(org, "admin", user=person)
    User.objects.filter(pk=person.pk).update(active_org=org)
    assert call(event_of(person))["claims"]["org_id"] == str(org.pk)
    for change in ({"state": "inactive"}, {"state": "pending"}):
        OrgMember.objects.filter(pk=member.pk).update(**change)
        assert call(event_of(person))["claims"]["org_id"] == str(org_of(person).pk)
    OrgMember.objects.filter(pk=member.pk).update(state="active")
    Organization.objects.filter(pk=org.pk).update(status="suspended")
    assert call(event_of(person))["claims"]["org_id"] == str(org_of(person).pk)


def test_without_a_choice_it_is_the_earliest_membership_and_ties_break_by_id():
    person = make_staff()
    late, first, second = make_org(), make_org(), make_org()
    now = timezone.now()
    make_member(late, user=person)
    tied = [make_member(org, user=person) for org in (first, second)]
    OrgMember.objects.filter(user=person, org=late).update(joined_at=now + timedelta(days=1))
    OrgMember.objects.filter(pk__in=[m.pk for m in tied]).update(joined_at=now)
    winner = min(tied, key=lambda member: member.pk)
    assert call(event_of(person))["claims"]["org_id"] == str(winner.org_id)


def test_a_member_of_nothing_gets_a_token_without_an_organization():
    claims = call(event_of(make_staff()))["claims"]
    assert (claims["org_id"], claims["user_role"], claims["app_metadata"]) == (None, None, {"org_id": None})


@pytest.mark.parametrize(
    "event",
    [{}, [], 1, "x", None, {"user_id": "x", "claims": {}}, {"claims": {}}, {"user_id": NOBODY, "claims": []}],
    ids=str,
)
def test_an_event_of_another_shape_is_answered_by_an_error_of_the_contract(event):
    answer = call(event)
    assert set(answer) == {"error"}
    assert (answer["error"]["http_code"], type(answer["error"]["message"])) == (400, str)


def test_who_is_disabled_or_missing_gets_no_token():
    disabled = make_person(is_active=False)
    for user_id in (disabled.pk, new_id()):
        assert call({"user_id": str(user_id), "claims": {}})["error"]["http_code"] == 401
        with transaction.atomic(), pytest.raises(TokenDenied) as caught:
            mint_access_token(user_id, new_id())
        assert caught.value.status == 401


@pytest.mark.parametrize("name", PROTECTED)
def test_a_hook_can_neither_change_nor_drop_what_is_protected(name):
    person = make_person()
    for answer in (
        f"""jsonb_build_object('claims', event -> 'claims' || '{{"{name}": "other"}}')""",
        f"jsonb_build_object('claims', (event -> 'claims') - '{name}')",
        f"jsonb_build_object('claims', jsonb_set(event -> 'claims', '{{{name}}}', 'null'))",
    ):
        replace_hook(answer)
        with pytest.raises(HookBroken, match=name):
            compute_claims(person.pk, good_claims(), "password")


@pytest.mark.parametrize(
    "answer",
    ["null", "'[]'", "'{}'", """'{"claims": 1}'""", """'{"error": 1}'""", """'{"error": {"http_code": 200}}'"""],
)
def test_an_answer_of_another_shape_is_not_issued(answer):
    replace_hook(answer)
    with pytest.raises(HookBroken):
        compute_claims(make_person().pk, good_claims(), "password")


def test_a_hook_that_says_no_is_heard():
    replace_hook("""'{"error": {"http_code": 403, "message": "Not on Sundays."}}'""")
    with pytest.raises(TokenDenied, match="Not on Sundays") as caught:
        compute_claims(make_person().pk, good_claims(), "password")
    assert caught.value.status == 403


def test_a_hook_may_add_and_replace_the_rest():
    replace_hook("""jsonb_build_object('claims', event -> 'claims' || '{"org_id": null, "plan": "free"}')""")
    computed = compute_claims(make_person().pk, good_claims(), "password")
    assert (computed["plan"], computed["org_id"]) == ("free", None)


def test_a_token_is_issued_from_within_a_persons_own_scope():
    person = make_person()
    org = org_of(person)
    with api_scope(person.pk, org.pk):
        token = read_access_token(mint_access_token(person.pk, new_id()))
    assert token.org_id == org.pk
