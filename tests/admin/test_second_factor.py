"""Signing in to the console in two steps, being asked again, and the sessions behind it."""

import re
import time

import pytest

from accounts.models import User, UserPreferences, UserSession
from accounts.second_factor import has_second_factor
from accounts.tokens.sessions import end_other_sessions
from audit.models import AuditLog
from tenants.models import Organization, OrgStatus
from tests.accounts.authenticators import code_of, give_authenticator
from tests.admin.conftest import sign_in
from tests.clients import WebClient
from tests.factories import PASSWORD, make_member, make_org, make_superuser

pytestmark = pytest.mark.django_db
LOGIN, CODE, SET_UP = "/admin/login/", "/admin/second-factor/", "/admin/second-factor/set-up/"


def enter_password(web, person, password=PASSWORD):
    return web.post(LOGIN, {"username": person.email, "password": password, "next": "/admin/tenants/store/"})


@pytest.fixture
def later(monkeypatch):
    """Moves the clock of console sessions."""

    def move(seconds: float) -> None:
        moment = time.time() + seconds
        monkeypatch.setattr(time, "time", lambda: moment)

    return move


def test_a_password_alone_opens_nothing_where_there_is_an_authenticator(web, superuser) -> None:
    give_authenticator(superuser)
    enter_password(web, superuser)
    for address in ("/admin/", "/admin/account/", "/admin/password_change/", SET_UP, "/admin/second-factor/remove/"):
        assert web.get(address)["Location"].startswith(CODE), address
        assert web.post(address).status_code == 302
    assert has_second_factor(superuser)


def test_the_code_opens_the_console_where_the_person_was_going(web, superuser) -> None:
    secret, _ = give_authenticator(superuser)
    enter_password(web, superuser)
    asked = web.get("/admin/tenants/store/")["Location"]
    assert "Second step" in web.get(asked).content.decode()
    answer = web.post(CODE, {"code": code_of(secret), "next": "/admin/tenants/store/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/tenants/store/")
    assert web.get("/admin/tenants/store/").status_code == 200
    assert AuditLog.objects.filter(action="second_factor.passed", user_id=superuser.pk).exists()


def test_a_used_code_opens_no_second_browser(web, superuser) -> None:
    secret, _ = give_authenticator(superuser)
    code, other = code_of(secret), WebClient()
    for browser in (web, other):
        enter_password(browser, superuser)
    web.post(CODE, {"code": code})
    answer = other.post(CODE, {"code": code})
    assert "was used already" in answer.content.decode()
    assert other.get("/admin/").status_code == 302


def test_a_session_that_was_planted_before_the_code_is_not_the_one_after_it(web, superuser) -> None:
    secret, _ = give_authenticator(superuser)
    enter_password(web, superuser)
    before = web.cookies["sessionid"].value
    web.post(CODE, {"code": code_of(secret)})
    assert web.cookies["sessionid"].value != before


def test_the_second_step_goes_on_to_no_other_host(web, superuser) -> None:
    secret, _ = give_authenticator(superuser)
    enter_password(web, superuser)
    assert web.post(CODE, {"code": code_of(secret), "next": "https://evil.example"})["Location"] == "/admin/"


def test_too_many_codes_have_to_wait(web, superuser) -> None:
    give_authenticator(superuser)
    enter_password(web, superuser)
    answers = [web.post(CODE, {"code": "000000"}) for _ in range(11)]
    assert [a.status_code for a in answers] == [200] * 10 + [429]
    assert "Too many attempts" in answers[-1].content.decode()


def test_too_many_passwords_have_to_wait_the_right_one_as_well(web, superuser) -> None:
    for _ in range(10):
        enter_password(web, superuser, "wrong")
    assert "Too many attempts" in enter_password(web, superuser).content.decode()


def read_secret(page: str) -> str:
    return re.search(r'console-code">([A-Z2-7 ]+)<', page).group(1)  # type: ignore[union-attr]


def test_an_authenticator_is_set_up_and_its_recovery_codes_are_shown_once(in_all, superuser) -> None:
    page = in_all.get(SET_UP).content.decode()
    assert "<svg" in page
    shown = in_all.post(SET_UP, {"code": code_of(read_secret(page)), "next": "/admin/account/"}).content.decode()
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", shown)
    assert len(codes) == 10
    assert has_second_factor(superuser)
    assert not any(code in in_all.get("/admin/account/").content.decode() for code in codes)


def test_a_wrong_code_keeps_the_same_picture(in_all, superuser) -> None:
    first = read_secret(in_all.get(SET_UP).content.decode())
    again = in_all.post(SET_UP, {"code": "000000"}).content.decode()
    assert "This code is wrong" in again
    assert read_secret(again) == first


def test_where_it_is_required_nothing_opens_before_it_is_set_up(web, superuser, settings) -> None:
    settings.TENANTRY_REQUIRE_TOTP = True
    enter_password(web, superuser)
    assert web.get("/admin/")["Location"].startswith(SET_UP)
    page = web.get(SET_UP).content.decode()
    assert "sidebar" not in page or "/admin/tenants/store/" not in page
    web.post(SET_UP, {"code": code_of(read_secret(page))})
    assert web.get("/admin/").status_code == 200


def close_org(client, org, **more):
    return client.post(f"/admin/tenants/organization/{org.pk}/delete/", {"post": "yes", **more})


def status_of(org) -> str:
    return Organization.objects.get(pk=org.pk).status


def test_right_after_sign_in_nobody_is_asked_again(in_all, org) -> None:
    assert close_org(in_all, org).status_code == 302


def test_after_a_while_destructive_work_asks_for_the_password_and_goes_on(in_all, org, later) -> None:
    later(11 * 60)
    asked = close_org(in_all, org, note="kept & <safe>")
    assert "Prove that it is you" in asked.content.decode()
    assert 'name="note" value="kept &amp; &lt;safe&gt;"' in asked.content.decode()
    assert status_of(org) == OrgStatus.ACTIVE
    assert "not your password" in close_org(in_all, org, prove_again="wrong").content.decode()
    assert close_org(in_all, org, prove_again=PASSWORD).status_code == 302
    assert status_of(org) == OrgStatus.DELETING


def test_whoever_has_an_authenticator_is_asked_for_its_code_and_not_for_the_password(
    web, superuser, org, later
) -> None:
    secret, _ = give_authenticator(superuser)
    web.force_login(superuser)
    web.post(CODE, {"code": code_of(secret)})
    later(11 * 60)
    close_org(web, org, prove_again=PASSWORD)
    assert status_of(org) == OrgStatus.ACTIVE
    close_org(web, org, prove_again=code_of(secret, later=1))
    assert status_of(org) == OrgStatus.DELETING


def test_asking_again_gives_up_on_too_many_answers(in_all, org, later) -> None:
    later(11 * 60)
    answers = [close_org(in_all, org, prove_again="wrong").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    assert close_org(in_all, org, prove_again=PASSWORD).status_code == 429


def test_deleting_a_selection_asks_at_its_last_step(in_all, org, later) -> None:
    later(11 * 60)
    sent = {"action": "delete_selected", "_selected_action": [m.pk for m in org.members.all()]}
    assert "Prove that" not in in_all.post("/admin/tenants/orgmember/", sent).content.decode()
    assert "Prove that" in in_all.post("/admin/tenants/orgmember/", {**sent, "post": "yes"}).content.decode()


def test_which_of_two_actions_runs_is_no_way_around_being_asked(in_all, org, later) -> None:
    later(11 * 60)
    member = make_member(org)
    sent = {"_selected_action": [member.pk], "post": "yes", "index": "0"}
    answer = in_all.post("/admin/tenants/orgmember/", {**sent, "action": ["delete_selected", "deactivate_selected"]})
    assert "Prove that" in answer.content.decode()
    assert org.members.filter(pk=member.pk).exists()


def test_a_stolen_session_sets_up_no_authenticator_of_its_own(in_all, superuser, later) -> None:
    secret = read_secret(in_all.get(SET_UP).content.decode())
    later(11 * 60)
    assert "Prove that" in in_all.post(SET_UP, {"code": code_of(secret)}).content.decode()
    assert not has_second_factor(superuser)
    in_all.post(SET_UP, {"code": code_of(secret), "prove_again": PASSWORD})
    assert has_second_factor(superuser)


def test_a_dialog_sends_the_person_to_a_page_that_asks(in_all, org, later) -> None:
    close_org(in_all, org)
    later(11 * 60)
    here = f"http://testserver/admin/tenants/organization/{org.pk}/change/"
    restore = f"/admin/tenants/organization/{org.pk}/restore/"
    answer = in_all.post(restore, {"_form_submitted": "on"}, HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=here)
    # Restoring destroys nothing.
    assert status_of(org) == OrgStatus.ACTIVE
    assert answer.status_code == 200
    page = in_all.get("/admin/prove/", {"next": "/admin/tenants/store/"}).content.decode()
    assert 'name="next" value="/admin/tenants/store/"' in page
    proven = in_all.post("/admin/prove/", {"next": "/admin/tenants/store/", "prove_again": PASSWORD})
    assert proven["Location"] == "/admin/tenants/store/"
    assert close_org(in_all, make_org()).status_code == 302


def test_a_console_session_is_listed_and_ended_from_elsewhere(in_all, superuser) -> None:
    other = sign_in(superuser)
    other.get("/admin/")
    rows = UserSession.objects.filter(user=superuser, ended_at=None)
    assert rows.count() == 2
    page = in_all.get("/admin/account/").content.decode()
    assert page.count("this one") == 1
    in_all.post("/admin/account/sessions/end/")
    assert other.get("/admin/")["Location"] == "/admin/login/"
    assert in_all.get("/admin/").status_code == 200


def test_one_session_is_ended_and_nobody_elses_is(in_all, superuser) -> None:
    other, stranger = sign_in(superuser), make_superuser()
    there = sign_in(stranger)
    mine = UserSession.objects.filter(user=superuser).order_by("-id")[0]
    theirs = UserSession.objects.get(user=stranger)
    assert in_all.post(f"/admin/account/sessions/{theirs.pk}/end/").status_code == 404
    in_all.post(f"/admin/account/sessions/{mine.pk}/end/")
    assert other.get("/admin/").status_code == 302
    assert there.get("/admin/").status_code == 200


def test_ending_a_persons_sessions_closes_the_console_with_the_next_request(in_all, superuser) -> None:
    end_other_sessions(superuser, keep=None)
    assert in_all.get("/admin/")["Location"] == "/admin/login/"
    assert "This session is over" in in_all.get(LOGIN).content.decode()


def test_an_idle_session_ends_and_a_used_one_goes_on(in_all, superuser, later, settings) -> None:
    row = UserSession.objects.filter(user=superuser)
    before = row.get().expires_at
    later(100 * 60)
    in_all.get("/admin/")
    after = row.get().expires_at
    assert (after - before).total_seconds() > 90 * 60
    UserSession.objects.update(expires_at="2020-01-01T00:00Z")
    assert in_all.get("/admin/")["Location"] == "/admin/login/"


def test_no_session_outlives_its_longest_time_however_much_it_is_used(in_all, superuser, later) -> None:
    began = UserSession.objects.get(user=superuser).created_at
    later(11.9 * 3600)
    in_all.get("/admin/")
    expires = UserSession.objects.get(user=superuser).expires_at
    assert (expires - began).total_seconds() <= 12 * 3600 + 1


def test_a_session_without_a_row_is_over(in_all) -> None:
    UserSession.objects.all().delete()
    assert in_all.get("/admin/")["Location"] == "/admin/login/"


def test_signing_out_ends_the_row_as_well(in_all, superuser) -> None:
    in_all.post("/admin/logout/")
    assert UserSession.objects.get(user=superuser).end_reason == "sign_out"


def test_changing_ones_password_ends_the_other_browsers(in_all, superuser) -> None:
    other = sign_in(superuser)
    new = {"new_password1": "a whole new sentence", "new_password2": "a whole new sentence"}
    in_all.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    assert in_all.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302


@pytest.mark.parametrize("where", ["in_all", "in_org", "as_operator"])
def test_the_persons_theme_is_followed_and_changed(where, request) -> None:
    client = request.getfixturevalue(where)
    person = User.objects.get(pk=client.session["_auth_user_id"])
    assert "theme.js?theme=auto" in client.get("/admin/").content.decode()
    assert client.post("/admin/account/theme/", {"theme": "dark"}, HTTP_HX_REQUEST="true").status_code == 204
    assert UserPreferences.objects.get(user=person).theme_preference == "dark"
    assert "theme.js?theme=dark" in client.get("/admin/").content.decode()
    assert client.post("/admin/account/theme/", {"theme": "pink"}).status_code == 400


def test_an_own_authenticator_is_removed_after_asking(web, superuser, later) -> None:
    secret, _ = give_authenticator(superuser)
    web.force_login(superuser)
    web.post(CODE, {"code": code_of(secret)})
    later(11 * 60)
    web.post("/admin/second-factor/remove/")
    assert has_second_factor(superuser)
    web.post("/admin/second-factor/remove/", {"prove_again": code_of(secret, later=1)})
    assert not has_second_factor(superuser)
