"""Credentials: stored, read for a purpose, revoked; and refused when they were moved or changed."""

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditLog
from tenants.errors import NotAllowed, NotFound
from tenants.models import IntegrationConnection, Organization
from tenants.vault.credentials import CredentialUnreadable, read_credential, revoke_credential, store_credential
from tenants.vault.secrets import Secret
from tests.factories import make_member, make_superuser, owner_of
from tests.tenants.vault.vaults import CANARY, ask, make_connection, make_with_credential, written_key

pytestmark = pytest.mark.django_db


def read(connection):
    found = read_credential(connection.org_id, connection.pk, purpose="test")
    return found and found.reveal()


def test_what_was_stored_is_read_and_the_newest_counts(org):
    connection = make_with_credential(org, "first")
    assert (read(connection), connection.credential_last_four) == ("first", "")
    store_credential(connection, Secret(CANARY), actor=make_superuser())
    connection.refresh_from_db()
    assert (read(connection), connection.credential_last_four) == (CANARY, CANARY[-4:])
    assert ask("select id, version from private.vault_secrets") == [(connection.vault_secret_id, 2)]


def test_two_connections_share_their_organizations_key_and_nothing_else(org, other_org):
    mine, second, theirs = make_with_credential(org, "a"), make_with_credential(org, "b", "Two"), None
    theirs = make_with_credential(other_org, "c")
    assert [read(c) for c in (mine, second, theirs)] == ["a", "b", "c"]
    assert sorted(ask("select org_id, version from private.vault_keys")) == sorted([(org.pk, 1), (other_org.pk, 1)])


def test_each_read_is_logged_with_its_purpose(org):
    connection = make_with_credential(org)
    read_credential(org.pk, connection.pk, purpose="sync job 7")
    events = AuditLog.objects.filter(org_id=org.pk, record_id=str(connection.pk), table_name="integration_connections")
    found = list(events.filter(action__startswith="credential").order_by("created_at", "id"))
    assert [e.action for e in found] == ["credential_stored", "credential_read"]
    assert found[1].new_data == {"purpose": "sync job 7", "version": 1}
    assert found[1].reason == "read integration credential"


def test_no_read_without_a_purpose(org):
    connection = make_with_credential(org)
    with pytest.raises(Exception, match="for a purpose"):
        read_credential(org.pk, connection.pk, purpose=" ")


def test_a_revoked_credential_is_gone_and_its_version_never_comes_again(org):
    connection = make_with_credential(org)
    assert revoke_credential(connection, actor=make_superuser())
    assert not revoke_credential(connection, actor=make_superuser())
    connection.refresh_from_db()
    assert (read(connection), connection.status, connection.credential_set_at) == (None, "revoked", None)
    assert ask("select sealed from private.vault_secrets") == [(None,)]
    store_credential(connection, Secret("new"), actor=make_superuser())
    connection.refresh_from_db()
    assert (read(connection), connection.status) == ("new", "active")
    assert ask("select version from private.vault_secrets") == [(2,)]


MOVES = {
    "to another connection": "update private.vault_secrets s set sealed = (select sealed from private.vault_secrets o"
    " where o.id <> s.id and o.org_id = s.org_id) where s.connection_id = %s",
    "back to an older version": "update private.vault_secrets set version = version + 1 where connection_id = %s",
    "by a flipped bit": "update private.vault_secrets set sealed = set_byte(sealed, length(sealed) - 1,"
    " get_byte(sealed, length(sealed) - 1) # 1) where connection_id = %s",
    "by a flipped nonce": "update private.vault_secrets set sealed = set_byte(sealed, 3, get_byte(sealed, 3) # 1)"
    " where connection_id = %s",
    "to another format": "update private.vault_secrets set sealed = set_byte(sealed, 0, 9) where connection_id = %s",
    "to nothing": "update private.vault_secrets set sealed = '\\x01' where connection_id = %s",
    "with another organization's key": "update private.vault_keys k set wrapped = (select wrapped from"
    " private.vault_keys o where o.org_id <> k.org_id) where org_id = (select org_id from private.vault_secrets"
    " where connection_id = %s)",
}


@pytest.mark.parametrize("how", MOVES)
def test_what_was_moved_or_changed_does_not_open_and_says_so(how, org, other_org):
    connection = make_with_credential(org)
    make_with_credential(org, "second", "Two")
    make_with_credential(other_org, "third")
    ask(MOVES[how], connection.pk)
    with pytest.raises(CredentialUnreadable, match=str(org.pk)) as refused:
        read(connection)
    assert CANARY not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_whole_row_moved_to_another_organization_does_not_open(org, other_org):
    connection, theirs = make_with_credential(org), make_with_credential(other_org, "theirs")
    ask(
        "update private.vault_secrets s set sealed = o.sealed, version = o.version from private.vault_secrets o"
        " where s.connection_id = %s and o.connection_id = %s",
        theirs.pk,
        connection.pk,
    )
    with pytest.raises(CredentialUnreadable):
        read(theirs)


def test_a_master_key_that_is_missing_is_named(org, settings):
    settings.TENANTRY_VAULT_KEYS = written_key("spring", "a")
    connection = make_with_credential(org)
    settings.TENANTRY_VAULT_KEYS = written_key("summer", "b")
    with pytest.raises(CredentialUnreadable, match=r"'spring'.*does not hold: put it back"):
        read(connection)
    settings.TENANTRY_VAULT_KEYS = written_key("spring", "b")
    with pytest.raises(CredentialUnreadable, match="does not open with master key 'spring'"):
        read(connection)


def test_only_admins_and_owners_store_and_revoke(org, other_org):
    connection = make_connection(org)
    for actor in (make_member(org).user, owner_of(other_org)):
        with pytest.raises(NotAllowed):
            store_credential(connection, Secret("x"), actor=actor)
        with pytest.raises(NotAllowed):
            revoke_credential(connection, actor=actor)
    store_credential(connection, Secret("x"), actor=make_member(org, "admin").user)
    assert read(connection) == "x"


def test_a_foreign_connection_is_none(org, other_org):
    theirs = make_with_credential(other_org)
    crossing = IntegrationConnection(pk=theirs.pk, org_id=org.pk)
    with pytest.raises(NotFound):
        store_credential(crossing, Secret("x"), actor=owner_of(org))
    with pytest.raises(NotFound):
        revoke_credential(crossing, actor=owner_of(org))
    assert read_credential(org.pk, theirs.pk, purpose="test") is None
    assert read(theirs) == CANARY


@pytest.mark.parametrize("text", ["", "a\0b", "x" * 10_001])
def test_what_is_no_credential_is_refused(text, org):
    with pytest.raises(ValidationError, match="one to 10000 characters"):
        store_credential(make_connection(org), Secret(text), actor=make_superuser())


def test_erasing_an_organization_destroys_its_keys(org, other_org):
    make_with_credential(org)
    kept = make_with_credential(other_org)
    gone = Organization.objects.filter(pk=org.pk)
    gone._raw_delete(gone.db)
    assert ask("select org_id from private.vault_keys") == [(other_org.pk,)]
    assert ask("select org_id from private.vault_secrets") == [(other_org.pk,)]
    assert read(kept) == CANARY


def test_a_deleted_connection_takes_its_credential_along(org):
    make_with_credential(org).delete()
    assert ask("select count(*) from private.vault_secrets") == [(0,)]
