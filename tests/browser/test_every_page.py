"""Every page of the console, from the admin site: within a phone's width, and without serious faults for a reader."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.admin.test_pages import make_world, pages
from tests.browser.conftest import PHONE
from tests.factories import make_org, make_superuser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
SERIOUS = ("serious", "critical")


def every_address(org) -> Iterator[str]:
    """The pages of every registered model, and those that belong to none."""
    yield from ("/admin/", "/admin/password_change/", "/admin/tenants/store/?q=nothing-like-it")
    for model in sorted(admin.site._registry, key=lambda m: m._meta.label):
        yield from pages(model, org, "all")
    yield f"{reverse('admin:audit_auditlog_changelist')}?who=system:nobody"


@pytest.fixture
def org():
    org, _ = make_org(name="Ørsted & Søn"), make_org()
    make_world(org)
    return org


def find_faults(page: Page) -> list[str]:
    """What axe-core finds serious, with the place."""
    faults = [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in SERIOUS]
    return [f"{fault['id']}: {fault['help']} at {node['html'][:160]}" for fault in faults for node in fault["nodes"]]


def test_no_page_is_wider_than_a_phone(org, open_console) -> None:
    page = open_console(make_superuser(), viewport=PHONE, color_scheme="dark")
    wide = []
    for address in every_address(org):
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wide.append(address)
    assert wide == []


# Minutes long: make torture looks at every page, in both themes.
@pytest.mark.torture
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault_for_those_who_cannot_see_or_point(org, open_console, scheme) -> None:
    page = open_console(make_superuser(), color_scheme=scheme)
    faults: dict[str, list[str]] = {}
    for address in every_address(org):
        page.goto(address)
        if found := find_faults(page):
            faults[address] = found
    assert faults == {}


def test_the_door_has_none_either(site, browser, transactional_db) -> None:
    page = browser.new_page(base_url=site)
    page.goto("/admin/login/")
    assert find_faults(page) == []
    page.close()


def test_the_keyboard_skips_the_menu(org, open_console) -> None:
    page = open_console(make_superuser())
    page.goto("/admin/tenants/store/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#content$"))
    page.keyboard.press("Tab")
    page.wait_for_function("document.querySelector('#content').contains(document.activeElement)")
