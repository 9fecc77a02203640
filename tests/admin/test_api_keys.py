"""API keys in the console: made, shown once, and revoked."""

import re
from html import unescape

import pytest

from accounts.tokens.bearer import read_bearer
from audit.models import AuditLog
from tenants.models import ApiKey
from tenants.scope import request_scope

pytestmark = pytest.mark.django_db
LIST = "/admin/tenants/apikey/"


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def make_key(client, **more):
    answer = client.post(f"{LIST}add/", {"name": "Nightly", "role": "member", **more})
    found = re.search(r"tnk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", text_of(answer))
    return answer, found.group() if found else None


def test_a_key_is_made_and_shown_once(as_operator, operator, org) -> None:
    answer, secret = make_key(as_operator)
    assert secret
    assert "no-store" in answer["Cache-Control"]
    key = ApiKey.objects.get(org=org)
    assert (key.name, key.created_by, key.role) == ("Nightly", operator, "member")
    for page in (LIST, f"{LIST}{key.pk}/change/", f"{LIST}{key.pk}/history/"):
        assert secret not in text_of(as_operator.get(page))
    assert not AuditLog.objects.filter(new_data__icontains=secret).exists()


def test_the_key_that_was_shown_works_until_it_is_revoked(as_operator, org) -> None:
    _, secret = make_key(as_operator)
    claims = read_bearer(f"Bearer {secret}").claims
    with request_scope("api", **claims) as scope:
        assert scope.org_id == org.pk
    key = ApiKey.objects.get(org=org)
    assert "no way back" in text_of(as_operator.get(f"{LIST}{key.pk}/revoke/"))
    as_operator.post(f"{LIST}{key.pk}/revoke/")
    assert ApiKey.objects.get(pk=key.pk).revoked_at
    assert as_operator.post(f"{LIST}{key.pk}/revoke/").status_code == 403


def test_in_all_organizations_the_form_asks_whose_it_is(in_all, org) -> None:
    assert make_key(in_all)[1] is None
    assert make_key(in_all, org=org.pk)[1]
    assert ApiKey.objects.get().org == org


@pytest.mark.parametrize(
    "sent", [{"name": ""}, {"role": "owner"}, {"expires_at_0": "2020-01-01", "expires_at_1": "00:00"}]
)
def test_what_no_key_can_be_is_an_error_of_the_form(as_operator, sent) -> None:
    answer, secret = make_key(as_operator, **sent)
    assert answer.status_code == 200
    assert secret is None
    assert not ApiKey.objects.exists()


def test_a_selection_is_revoked(as_operator, org) -> None:
    keys = [ApiKey.objects.create(org=org, name=n, prefix="tnk_0", secret_hash=n) for n in "ab"]
    sent = {"action": "revoke_selected", "_selected_action": [k.pk for k in keys]}
    assert "Revoke: 2 keys?" in text_of(as_operator.post(LIST, sent))
    as_operator.post(LIST, {**sent, "post": "yes"})
    assert not ApiKey.objects.filter(revoked_at=None).exists()


def test_another_organizations_key_is_not_there(as_operator, other_org) -> None:
    key = ApiKey.objects.create(org=other_org, name="x", prefix="tnk_0", secret_hash="x")
    assert as_operator.post(f"{LIST}{key.pk}/revoke/").status_code == 404
    assert ApiKey.objects.get(pk=key.pk).revoked_at is None
