"""A staff person finds wrong access, removes it and brings it back, in a browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from tests.accounts.review.access import grant, grant_to_stranger, image, make_dso
from tests.admin.conftest import make_operator
from tests.browser.conftest import PHONE
from tests.factories import make_member, make_org

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
LISTED = "/admin/accounts/accessfinding/"


@pytest.fixture
def org():
    """With six right rows and one wrong one."""
    org, _ = make_org(), make_org()
    make_dso(org)
    for _ in range(6):
        grant(org, make_member(org).user)
    return org


@pytest.fixture
def operator(org):
    person = make_operator(org, email="operator@example.org")
    User.objects.update(last_login=timezone.now())
    return person


def test_find_preview_remove_and_undo(org, operator, open_console) -> None:
    wrong = grant_to_stranger(org, "valentina@example.org")
    before = image(wrong)
    page = open_console(operator)
    page.click("a[href='/admin/accounts/accessfinding/'] >> visible=true")
    page.click("text=Look now")
    page.wait_for_selector("text=without being a member")
    page.check("tr:has-text('valentina@example.org') input.action-select")
    page.select_option("select[name=action]", "clean")
    page.click("button[name=index]")
    page.wait_for_selector("text=Nothing has been removed yet")
    expect(page.locator("#rows")).to_have_text("Row by row")
    # Each count beside its heading: once the columns were a letter wide.
    assert page.locator("th", has_text="Access rows at the preview").bounding_box()["height"] < 60
    assert image(wrong) == before
    page.focus("textarea[name=reason]")
    page.keyboard.type("The invitation bug")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 removed")
    assert image(wrong) is None
    with page.expect_download() as download:
        page.click("text=Evidence as CSV")
    assert "valentina@example.org" in download.value.path().read_text()
    page.click("text=Undo this cleaning")
    page.wait_for_selector("text=1 restored")
    assert image(wrong) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_it_fits_a_phone(org, operator, open_console, scheme) -> None:
    grant_to_stranger(org, f"{'a' * 50}@a-very-long-name-of-a-domain.example.org")
    page = open_console(operator, viewport=PHONE, color_scheme=scheme)

    def fits() -> None:
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], page.url

    page.goto(f"{LISTED}look/")
    fits()
    page.goto(LISTED)
    page.click("text=Look now")
    page.wait_for_selector("#result_list tbody a")
    fits()
    page.click("#result_list tbody a")
    page.wait_for_selector("text=The rows behind it")
    fits()
    page.click("text=Accept …")
    page.wait_for_selector("text=Nothing is removed")
    fits()
    page.go_back()
    page.click("text=Preview the cleaning")
    page.wait_for_selector("text=Nothing has been removed yet")
    fits()
