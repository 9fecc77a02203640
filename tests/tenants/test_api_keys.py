"""API keys: machine clients that act with their own role, and end with their organization."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from audit.models import AuditLog
from tenants.api_keys import KeyActor, create_api_key, revoke_api_key
from tenants.errors import NotAllowed, NotFound
from tenants.invitations import invite
from tenants.membership import change_role, remove_member
from tenants.models import ApiKey, Customer, Organization, OrgMember
from tenants.scope import ScopeRefused, api_scope, request_scope
from tests.accounts.tokens.people import request_with, scope_of
from tests.factories import make_member, make_org, owner_of
from tests.racing import run_at_once
from tests.tenants.test_scope_round_trips import counted_trips

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def org(transactional_db):
    return make_org()


@pytest.fixture
def other_org(transactional_db):
    return make_org()


def make_key(org, role="member", **more):
    """As the API does: in the scope of the owner."""
    owner = owner_of(org)
    with transaction.atomic(), api_scope(owner.pk, org.pk):
        return create_api_key(org, "Robot", role=role, actor=owner, **more)


def close(org, status):
    since = timezone.now() if status == "deleting" else None
    Organization.objects.filter(pk=org.pk).update(status=status, deleting_since=since)


def test_a_key_acts_in_its_organization_with_its_role(org, other_org):
    for one in (org, other_org):
        Customer.objects.create(org=one, name="Ada")
    key, secret = make_key(org, "admin")
    with request_with(secret) as scope:
        assert (scope.org_id, scope.role, scope.user_id) == (org.pk, "admin", None)
        assert {c.org_id for c in Customer.objects.all()} == {org.pk}
        Customer.objects.create(org=org, name="Grace")
    entry = AuditLog.objects.filter(org_id=org.pk, table_name="customers").latest("created_at")
    assert (entry.actor, entry.user_id) == (f"key:{key.pk}", None)


def test_a_member_key_reads_and_does_not_write(org):
    customer = Customer.objects.create(org=org, name="Ada")
    _, secret = make_key(org)
    with request_with(secret):
        assert Customer.objects.get() == customer
        assert Customer.objects.update(name="Eve") == 0


def test_a_request_by_key_takes_three_round_trips(org):
    _, secret = make_key(org)
    scope_of(secret)
    with counted_trips() as trips, request_with(secret):
        assert list(Customer.objects.values_list("name")) == []
    assert trips.count == 3


def test_only_a_hash_of_the_secret_is_kept_and_the_log_has_not_even_that(org):
    key, secret = make_key(org)
    assert secret.startswith(f"{key.prefix}_")
    with connection.cursor() as cursor:
        cursor.execute("select (select string_agg(t::text, '') from api_keys t)")
        assert secret[13:] not in cursor.fetchone()[0]
        cursor.execute("select string_agg(l::text, '') from audit_logs l where org_id = %s", [org.pk])
        logged = cursor.fetchone()[0]
    assert "api_keys" in logged
    assert [s for s in (secret, secret[13:], key.secret_hash) if s in logged] == []


@pytest.mark.parametrize("end", ["revoked", "expired", "deleted", "org deleted"])
def test_a_key_that_has_ended_is_nobody(end, org):
    key, secret = make_key(org)
    assert scope_of(secret)
    keys = ApiKey.objects.filter(pk=key.pk)
    match end:
        case "revoked":
            revoke_api_key(key, actor=owner_of(org))
        case "expired":
            keys.update(expires_at=timezone.now())
        case "deleted":
            keys.delete()
        case "org deleted":
            close(org, "deleting")
            with connection.cursor() as cursor:
                cursor.execute("delete from organizations where id = %s", [org.pk])
    with pytest.raises(ScopeRefused):
        scope_of(secret)


@pytest.mark.parametrize("status", ["suspended", "deleting"])
def test_a_key_of_a_closed_organization_sees_nothing(status, org):
    _, secret = make_key(org, "admin")
    close(org, status)
    with request_with(secret) as scope:
        assert (scope.status, scope.org_id, scope.role) == ("no-active-organization", None, None)
        assert not Customer.objects.exists()
        assert not OrgMember.objects.exists()


def test_a_key_does_not_name_its_organization(org, other_org):
    """What comes with the hash is dropped: the row says where it belongs."""
    _, secret = make_key(org)
    claims = scope_of(secret).claims
    assert set(claims) == {"surface", "api_key_id", "org_id", "user_role"}


def test_an_unknown_key_is_nobody(org):
    make_key(org)
    with pytest.raises(ScopeRefused):
        scope_of("tnk_12345678_" + "A" * 43)


def test_a_wish_for_the_id_of_a_key_is_nobody(org):
    key, _ = make_key(org)
    with pytest.raises(ScopeRefused), request_scope("api", api_key_id=str(key.pk), org_id=org.pk):
        pass


def test_the_last_use_is_noted_once_an_hour_and_is_no_change_to_log(org):
    key, secret = make_key(org)
    scope_of(secret)
    first = ApiKey.objects.get(last_used_at__isnull=False, pk=key.pk).last_used_at
    scope_of(secret)
    assert ApiKey.objects.get(pk=key.pk).last_used_at == first
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now() - timedelta(hours=2))
    scope_of(secret)
    assert ApiKey.objects.filter(pk=key.pk, last_used_at__gt=first).exists()
    assert not AuditLog.objects.filter(table_name="api_keys", record_id=str(key.pk), action="UPDATE").exists()


def test_requests_at_once_do_not_wait_for_each_others_note(org):
    _, secret = make_key(org)
    with request_with(secret):
        # The note of this open request is not committed; the others must not queue behind it.
        answers = run_at_once([lambda: scope_of(secret).status] * 4)
    assert answers == ["ok"] * 4


def test_only_admins_and_owners_make_and_end_keys(org):
    member = make_member(org).user
    key, _ = make_key(org)
    outsider = owner_of(make_org())
    for person in (member, outsider):
        with pytest.raises(NotAllowed):
            create_api_key(org, "Robot", role="member", actor=person)
        with pytest.raises(NotAllowed):
            revoke_api_key(key, actor=person)


def test_a_key_of_another_organization_cannot_be_found_to_revoke(org, other_org):
    key, _ = make_key(other_org)
    with pytest.raises(NotFound):
        revoke_api_key(ApiKey(org=org, id=key.pk), actor=owner_of(org))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "owner"}, "role"),
        ({"role": "king"}, "role"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"expires_at": timezone.now()}, "expires_at"),
    ],
)
def test_a_key_that_cannot_be_is_not_made(changes, field, org):
    given = {"role": "member", **changes}
    with pytest.raises(ValidationError) as caught:
        create_api_key(org, given.pop("name", "Robot"), actor=owner_of(org), **given)
    assert field in caught.value.message_dict
    assert not ApiKey.objects.exists()


def test_revoking_again_keeps_the_first_moment(org):
    key, _ = make_key(org)
    first = revoke_api_key(key, actor=owner_of(org)).revoked_at
    assert revoke_api_key(key, actor=owner_of(org)).revoked_at == first


def test_an_admin_key_manages_members_but_makes_no_keys_and_invites_nobody(org):
    member = make_member(org)
    key, secret = make_key(org, "admin")
    with request_with(secret):
        assert change_role(member, role="admin", actor=KeyActor()).role == "admin"
        for attempt in (
            lambda: create_api_key(org, "Next", role="admin", actor=KeyActor()),
            lambda: revoke_api_key(key, actor=KeyActor()),
            lambda: invite(org, "x@example.org", role="member", actor=KeyActor()),
            lambda: change_role(member, role="owner", actor=KeyActor()),
            lambda: remove_member(OrgMember.objects.get(role="owner"), actor=KeyActor()),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_a_key_has_no_authority_elsewhere(org, other_org):
    foreign = make_member(other_org)
    _, secret = make_key(org, "admin")
    with request_with(secret), pytest.raises(NotFound):
        change_role(foreign, role="admin", actor=KeyActor())


def test_nobody_becomes_a_key_without_its_scope(org):
    with pytest.raises(NotAllowed):
        change_role(make_member(org), role="admin", actor=KeyActor())
