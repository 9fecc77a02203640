"""A connection in a browser: its credential goes in without being seen, a sync is asked for and cancelled."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tenants.models import IntegrationConnection, SyncJob, SyncStatus
from tests.browser.conftest import PHONE
from tests.factories import make_org, make_superuser
from tests.tenants.vault.vaults import CANARY, make_connection

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def shop(transactional_db) -> IntegrationConnection:
    return make_connection(make_org(name="Northwind"))


@pytest.fixture
def root(shop) -> User:
    return make_superuser(console_org=shop.org)


def press(page: Page, what: str) -> None:
    page.get_by_role("link", name=what).click()


def test_a_credential_is_stored_a_sync_is_cancelled_and_the_credential_destroyed(open_console, root, shop) -> None:
    page = open_console(root)
    page.goto(f"/admin/tenants/integrationconnection/{shop.pk}/change/")
    press(page, "Store credential")
    field = page.get_by_label("Credential")
    expect(field).to_be_focused()
    expect(field).to_have_css("-webkit-text-security", "disc")
    field.fill(f"{CANARY}\n")
    page.get_by_role("button", name="Store").click()
    expect(page.locator("#content")).to_contain_text(f"…{CANARY[-4:]}")
    assert CANARY not in page.content()
    press(page, "Synchronize")
    page.get_by_role("button", name="Synchronize").click()
    expect(page.get_by_text("A sync job waits")).to_be_visible()
    job = SyncJob.objects.get()
    page.goto(f"/admin/tenants/syncjob/{job.pk}/change/")
    press(page, "Cancel")
    page.get_by_role("button", name="Cancel the sync").click()
    expect(page.get_by_text("The job is cancelled.")).to_be_visible()
    page.goto(f"/admin/tenants/integrationconnection/{shop.pk}/change/")
    press(page, "Revoke credential")
    page.get_by_role("button", name="Revoke credential").click()
    expect(page.get_by_text("is destroyed")).to_be_visible()
    job.refresh_from_db()
    shop.refresh_from_db()
    assert (job.status, shop.credential_set_at) == (SyncStatus.CANCELLED, None)


def test_a_field_gets_the_focus_though_the_pages_scripts_come_late(open_console, root, shop) -> None:
    page = open_console(root)
    page.route("**/alpine/*.js", lambda route: (page.wait_for_timeout(1000), route.continue_()))
    page.goto(f"/admin/tenants/integrationconnection/{shop.pk}/store/")
    expect(page.get_by_label("Credential")).to_be_focused()


def test_the_form_fits_a_phone_and_an_empty_one_says_so(open_console, root, shop) -> None:
    page = open_console(root, viewport=PHONE, color_scheme="dark")
    page.goto(f"/admin/tenants/integrationconnection/{shop.pk}/store/")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
