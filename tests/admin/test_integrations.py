"""Connections and sync jobs in the console: credentials go in and never come out, and buttons ask before they act."""

import time
from html import unescape

import pytest
from django.contrib.auth.models import Permission

from audit.models import AuditLog
from tenants.models import ConnectionStatus, IntegrationConnection, SyncJob, SyncStatus
from tenants.vault.credentials import read_credential
from tests.admin.conftest import make_operator, sign_in
from tests.factories import PASSWORD, make_member, make_staff
from tests.tenants.vault.vaults import CANARY, make_connection, make_with_credential, written_key

pytestmark = pytest.mark.django_db
BUTTONS = ["sync", "store", "revoke"]
SENT = {"secret": CANARY}


def page_of(row, page="change"):
    return f"/admin/tenants/{row._meta.model_name}/{row.pk}/{page}/"


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def read(connection):
    found = read_credential(connection.org_id, connection.pk, purpose="test")
    return found and found.reveal()


@pytest.fixture
def shop(org):
    return make_connection(org)


@pytest.fixture
def job(org, shop):
    return SyncJob.objects.create(org=org, connection=shop)


def test_a_credential_is_stored_and_is_on_no_page_and_not_in_the_log(as_operator, operator, shop) -> None:
    assert "It has no credential now." in text_of(as_operator.get(page_of(shop, "store")))
    said = text_of(as_operator.post(page_of(shop, "store"), SENT, follow=True))
    assert "is stored" in said
    assert read(shop) == CANARY
    for page in ("change", "history", "store", "revoke"):
        assert CANARY not in text_of(as_operator.get(page_of(shop, page)))
    assert f"ends in {CANARY[-4:]}" in text_of(as_operator.get(page_of(shop, "store")))
    entry = AuditLog.objects.get(action="credential_stored", record_id=str(shop.pk))
    assert entry.user_id == operator.pk
    assert not AuditLog.objects.filter(new_data__icontains=CANARY).exists()


def test_a_new_one_takes_the_place_of_the_old_and_mends_the_connection(as_operator, org) -> None:
    shop = make_with_credential(org, "the first credential")
    IntegrationConnection.objects.filter(pk=shop.pk).update(status="error", last_error="401")
    assert "takes its place" in text_of(as_operator.get(page_of(shop, "store")))
    as_operator.post(page_of(shop, "store"), SENT)
    shop.refresh_from_db()
    assert (read(shop), shop.status) == (CANARY, ConnectionStatus.ACTIVE)


def test_a_file_of_several_lines_arrives_as_it_was(as_operator, shop) -> None:
    as_operator.post(page_of(shop, "store"), {"secret": "\r\n-----BEGIN-----\r\nabc\r\n-----END-----\r\n"})
    assert read(shop) == "-----BEGIN-----\nabc\n-----END-----"


@pytest.mark.parametrize("typed", ["", "   ", f"{CANARY}\0", CANARY * 300])
def test_what_is_no_credential_is_refused_and_not_repeated(as_operator, shop, typed) -> None:
    answer = as_operator.post(page_of(shop, "store"), {"secret": typed})
    assert answer.status_code == 200
    assert CANARY not in text_of(answer)
    assert read(shop) is None


def test_a_vault_that_does_not_open_is_told_with_the_command(as_operator, org, settings) -> None:
    settings.TENANTRY_VAULT_KEYS = written_key("spring", "a")
    shop = make_with_credential(org, "the first credential")
    settings.TENANTRY_VAULT_KEYS = written_key("summer", "b")
    said = text_of(as_operator.post(page_of(shop, "store"), SENT))
    assert "manage.py rotate_keys" in said
    assert CANARY not in said


def test_who_they_are_is_asked_before_the_form_so_that_no_page_carries_what_was_typed(
    as_operator, shop, monkeypatch
) -> None:
    as_operator.get(page_of(shop, "store"))
    moment = time.time() + 11 * 60
    monkeypatch.setattr(time, "time", lambda: moment)
    asked = as_operator.get(page_of(shop, "store"))
    assert asked["Location"].startswith("/admin/prove/?next=")
    asked = as_operator.post(page_of(shop, "store"), SENT, follow=True)
    assert "Type it once more" in text_of(asked)
    assert CANARY not in text_of(asked)
    assert read(shop) is None
    onward = as_operator.post("/admin/prove/", {"next": page_of(shop, "store"), "prove_again": PASSWORD})
    assert onward["Location"] == page_of(shop, "store")
    as_operator.post(page_of(shop, "store"), SENT)
    assert read(shop) == CANARY


def test_a_credential_is_destroyed_after_a_question(as_operator, org) -> None:
    shop = make_with_credential(org)
    assert "no way back" in text_of(as_operator.get(page_of(shop, "revoke")))
    as_operator.post(page_of(shop, "revoke"))
    shop.refresh_from_db()
    assert (read(shop), shop.status, shop.credential_set_at) == (None, ConnectionStatus.REVOKED, None)
    assert as_operator.post(page_of(shop, "revoke")).status_code == 403
    assert as_operator.post(page_of(shop, "sync")).status_code == 403


def test_a_sync_is_asked_for_once_and_cancelled(as_operator, operator, shop) -> None:
    as_operator.get(page_of(shop, "sync"))
    assert not SyncJob.objects.exists()
    as_operator.post(page_of(shop, "sync"))
    job = SyncJob.objects.get()
    assert (job.connection_id, job.requested_by_id) == (shop.pk, operator.pk)
    assert "waiting already" in text_of(as_operator.post(page_of(shop, "sync")))
    assert SyncJob.objects.count() == 1
    as_operator.post(page_of(job, "cancel"))
    job.refresh_from_db()
    assert job.status == SyncStatus.CANCELLED
    assert as_operator.post(page_of(job, "cancel")).status_code == 403


def test_a_paused_connection_has_no_button_and_a_forged_one_does_nothing(as_operator, shop) -> None:
    IntegrationConnection.objects.filter(pk=shop.pk).update(status="paused")
    assert page_of(shop, "sync") not in text_of(as_operator.get(page_of(shop)))
    assert as_operator.post(page_of(shop, "sync")).status_code == 403
    assert not SyncJob.objects.exists()


def test_staff_of_another_organization_find_none_of_it(org, other_org, job) -> None:
    shop = make_with_credential(org, "the first credential", "Second")
    stranger = sign_in(make_operator(other_org))
    for page in ("change", *BUTTONS):
        assert stranger.get(page_of(shop, page)).status_code == 404, page
        assert stranger.post(page_of(shop, page), SENT).status_code == 404, page
    assert stranger.post(page_of(job, "cancel")).status_code == 404
    job.refresh_from_db()
    assert (job.status, read(shop)) == (SyncStatus.PENDING, "the first credential")
    assert SyncJob.objects.count() == 1


def test_who_may_only_look_is_offered_nothing_and_may_nothing(org, job) -> None:
    shop = make_with_credential(org, "the first credential", "Second")
    reader = make_staff()
    make_member(org, "admin", user=reader)
    looks = ("view_integrationconnection", "view_syncjob")
    reader.user_permissions.set(Permission.objects.filter(codename__in=looks))
    client = sign_in(reader)
    shown = text_of(client.get(page_of(shop)))
    for page in BUTTONS:
        assert page_of(shop, page) not in shown
        assert client.post(page_of(shop, page), SENT).status_code == 403, page
    assert client.post(page_of(job, "cancel")).status_code == 403
    job.refresh_from_db()
    assert (job.status, read(shop)) == (SyncStatus.PENDING, "the first credential")


def test_in_all_organizations_a_credential_goes_to_its_own_connection(in_all, org, other_org) -> None:
    mine, theirs = make_with_credential(org, "a"), make_with_credential(other_org, "b")
    in_all.post(page_of(theirs, "store"), SENT)
    assert (read(mine), read(theirs)) == ("a", CANARY)
