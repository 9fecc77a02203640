"""In a real browser: two-step sign-in, an invitation until it is accepted, ownership handed over, and no other host."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlparse

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.mail import finish_deliveries
from accounts.models import UserPreferences
from tenants.models import OrgMember, Role
from tests.accounts.authenticators import code_of
from tests.admin.test_pages import addresses, make_world, visible_row
from tests.factories import PASSWORD, make_member, make_org, make_person, make_superuser, owner_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def page(live_server, browser) -> Iterator[Page]:
    """A window that may talk to our server alone, and whose scripts may not fail."""
    outside: list[str] = []
    page = browser.new_page(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)
    page.on("request", lambda r: None if r.url.startswith((live_server.url, "data:")) else outside.append(r.url))
    page.on("console", lambda m: outside.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("pageerror", lambda error: outside.append(str(error)))
    yield page
    page.close()
    assert outside == []


@pytest.fixture
def root(transactional_db):
    return make_superuser(email="root@example.org")


@pytest.fixture
def org(transactional_db):
    return make_org(name="Fjord Dental")


def sign_in(page: Page, person) -> None:
    page.goto("/admin/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def overflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_an_authenticator_is_set_up_and_asked_for_at_the_next_sign_in(page, root) -> None:
    sign_in(page, root)
    page.goto("/admin/account/")
    page.get_by_role("link", name="Set up an authenticator").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = page.locator(".console-code").inner_text()
    page.get_by_label("six digits").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    shown = page.locator(".console-codes code")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert all(code in download.value.path().read_text() for code in codes)
    page.context.clear_cookies()
    sign_in(page, root)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_label("Code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    page.get_by_label("Code").fill(code_of(secret, later=1))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_somebody_is_invited_and_accepts(page, root, org, mailoutbox, live_server) -> None:
    guest = make_person(email="guest@example.org")
    sign_in(page, root)
    page.goto(f"/admin/tenants/organization/{org.pk}/change/")
    # By keyboard: the menu's button is focused, and what it offers comes next.
    page.get_by_role("button", name="More").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Invite", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#id_email").fill(guest.email)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    finish_deliveries()
    link = re.search(r"http\S+accept-invitation\S+", mailoutbox[0].body)
    assert link
    token = parse_qs(urlparse(link.group()).query)["token"][0]
    pair = page.request.post("/api/auth/token", data={"email": guest.email, "password": PASSWORD}).json()
    accepted = page.request.post(
        "/api/invitations/accept/", data={"token": token}, headers={"Authorization": f"Bearer {pair['access']}"}
    )
    assert accepted.ok, accepted.text()
    page.goto("/admin/tenants/orgmember/?q=guest")
    expect(page.get_by_role("row").filter(has_text="Fjord Dental")).to_contain_text("Active")


def test_ownership_is_handed_over_on_a_phone(page, root, org) -> None:
    heir, owner = make_member(org).user, owner_of(org)
    page.set_viewport_size(PHONE)
    sign_in(page, root)
    page.goto(f"/admin/tenants/organization/{org.pk}/change/")
    page.get_by_text("more_horiz").first.click()
    page.get_by_role("link", name="Transfer ownership").click()
    expect(page.get_by_text(f"{owner.email} becomes admin.")).to_be_visible()
    assert not overflows(page)
    page.get_by_label("E-mail of the new owner").fill(heir.email)
    page.get_by_role("button", name="Transfer ownership").click()
    expect(page.get_by_text(f"{heir.email} owns Fjord Dental now.")).to_be_visible()
    roles = dict(OrgMember.objects.filter(org=org).values_list("user__email", "role"))
    assert roles == {heir.email: Role.OWNER, owner.email: Role.ADMIN}


def test_the_persons_theme_is_followed_in_every_browser(page, root) -> None:
    UserPreferences.objects.filter(user=root).update(theme_preference="dark")
    sign_in(page, root)
    page.goto("/admin/account/")
    expect(page.locator("html")).to_have_class("dark")
    with page.expect_response("**/admin/account/theme/"):
        page.get_by_role("button", name="Light", exact=True).last.click()
    expect(page.locator("html")).to_have_class("light")
    assert UserPreferences.objects.get(user=root).theme_preference == "light"


def test_no_page_asks_another_host_or_breaks_its_policy(page, root, org) -> None:
    """The fixture fails on any."""
    make_world(org)
    member = OrgMember.objects.filter(org=org)[0]
    sign_in(page, root)
    own = ["/admin/", "/admin/account/", "/admin/second-factor/set-up/", "/admin/prove/", "/admin/password_change/"]
    own += [f"/admin/tenants/orgmember/{member.pk}/{name}/" for name in ("change_role", "make_owner", "see_as")]
    for model in admin.site._registry:
        row = visible_row(model, org)
        own += addresses(model, row)[:2] if row is not None else [reverse(admin_list(model))]
    for address in own:
        answer = page.goto(address)
        assert answer.status == 200, address
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def admin_list(model) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
