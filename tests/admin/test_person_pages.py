"""A person's page: where they are signed in, what they may see, what their token would say, and what superusers do."""

from html import unescape

import pytest
from django.contrib.auth.models import Permission

from accounts.active_org import get_active_org
from accounts.mail import finish_deliveries
from accounts.models import User, UserSession
from accounts.second_factor import has_second_factor
from audit.models import AuditLog
from tenants.models import ApiKey, Dso, OrgStatus, UserDsoAccess
from tests.accounts.authenticators import give_authenticator
from tests.admin.conftest import sign_in
from tests.factories import make_member, make_staff, org_of

pytestmark = pytest.mark.django_db
PAGES = ["send_reset", "end_sessions", "disable", "enable", "reset_factor"]


@pytest.fixture
def person(org):
    return make_member(org).user


def address(person, page="change"):
    return f"/admin/accounts/user/{person.pk}/{page}/"


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def add_session(person, agent="Firefox on a boat") -> UserSession:
    times = {"last_used_at": "2026-01-01T00:00Z", "expires_at": "2099-01-01T00:00Z"}
    return UserSession.objects.create(user=person, method="password", user_agent=agent, **times)


def test_the_page_shows_what_a_person_has(in_all, person, org) -> None:
    add_session(person)
    dso = Dso.objects.create(org=org, name="Bright Smiles")
    UserDsoAccess.objects.create(org=org, user=person, dso=dso)
    ApiKey.objects.create(org=org, name="Nightly", prefix="tnk_0", secret_hash="h", created_by=person)
    shown = text_of(in_all.get(address(person)))
    for told in ("Firefox on a boat", "Bright Smiles", "Nightly", "password alone", '"user_role": "member"'):
        assert told in shown


def test_the_token_is_previewed_for_each_organization_and_nothing_is_kept(in_all, person, org) -> None:
    before, entries = get_active_org(person), AuditLog.objects.filter(table_name="users").count()
    shown = text_of(in_all.get(address(person)))
    own = org_of(person)
    assert shown.count('"org_id"') == 4
    assert str(own.pk) in shown
    assert str(org.pk) in shown
    assert get_active_org(person) == before
    assert AuditLog.objects.filter(table_name="users").count() == entries


def test_a_token_that_would_not_be_issued_says_why(in_all, person, org) -> None:
    type(org).objects.filter(pk=org.pk).update(status=OrgStatus.SUSPENDED)
    assert "No token is for this organization" in text_of(in_all.get(address(person)))
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert "This account cannot sign in." in text_of(in_all.get(address(person)))


def test_staff_of_one_organization_see_nothing_of_the_others(as_operator, person, org) -> None:
    add_session(person)
    own = org_of(person)
    ApiKey.objects.create(org=own, name="Elsewhere", prefix="tnk_0", secret_hash="h", created_by=person)
    shown = text_of(as_operator.get(address(person)))
    assert str(org.pk) in shown
    for hidden in (str(own.pk), own.name + "<", "Elsewhere", "Firefox on a boat", "Sign out everywhere"):
        assert hidden not in shown


def test_staff_without_permissions_see_less(org, person) -> None:
    reader = make_staff()
    make_member(org, user=reader)
    reader.user_permissions.set(Permission.objects.filter(codename="view_user"))
    shown = text_of(sign_in(reader).get(address(person)))
    assert "What this person's token would say" not in shown
    assert "API keys made" not in shown


def test_an_account_is_disabled_with_a_reason_and_enabled_again(in_all, superuser, person) -> None:
    session = add_session(person)
    in_all.post(address(person, "disable"), {"reason": "left the company"})
    assert not User.objects.get(pk=person.pk).is_active
    assert UserSession.objects.get(pk=session.pk).ended_at
    entry = AuditLog.objects.get(table_name="users", record_id=str(person.pk), action="UPDATE")
    assert (entry.reason, entry.user_id) == ("left the company", superuser.pk)
    assert in_all.post(address(person, "disable"), {"reason": "again"}).status_code == 403
    in_all.post(address(person, "enable"), {"reason": "came back"})
    assert User.objects.get(pk=person.pk).is_active


def test_nobody_disables_themselves(in_all, superuser) -> None:
    assert in_all.post(address(superuser, "disable"), {"reason": "x"}).status_code == 403
    assert "/disable/" not in text_of(in_all.get(address(superuser)))


def test_a_reset_link_is_mailed(in_all, person, django_capture_on_commit_callbacks, mailoutbox) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        in_all.post(address(person, "send_reset"))
    finish_deliveries()
    assert [m.to for m in mailoutbox] == [[person.email]]
    assert "reset-password?token=" in mailoutbox[0].body


def test_sessions_end_one_by_one_and_all_at_once(in_all, superuser, person) -> None:
    first, second, third = (add_session(person) for _ in range(3))
    in_all.post(f"/admin/accounts/user/{person.pk}/sessions/{first.pk}/end/")
    live = UserSession.objects.filter(user=person, ended_at=None)
    assert set(live) == {second, third}
    in_all.post(address(person, "end_sessions"))
    assert not live.all().exists()
    assert AuditLog.objects.filter(action="sessions.ended", user_id=superuser.pk).count() == 2


def test_a_session_that_is_over_already_is_told_and_not_ended_twice(in_all, person) -> None:
    session = add_session(person)
    address_of_end = f"/admin/accounts/user/{person.pk}/sessions/{session.pk}/end/"
    assert "is signed out there" in text_of(in_all.post(address_of_end, follow=True))
    assert "This session is over already." in text_of(in_all.post(address_of_end, follow=True))
    assert AuditLog.objects.filter(action="sessions.ended").count() == 1
    assert in_all.get(address_of_end).status_code == 405


def test_the_list_tells_which_is_this_browser_and_how_many_it_leaves_out(in_all, superuser, person) -> None:
    assert text_of(in_all.get(address(superuser))).count(">this one<") == 1
    for number in range(22):
        add_session(person, agent=f"Browser number {number}.")
    shown = text_of(in_all.get(address(person)))
    assert shown.count("Browser number") == 20
    assert "only the 20 used last are listed" in shown
    assert ">this one<" not in shown


def test_another_persons_session_is_not_ended_by_this_persons_page(in_all, person, stranger) -> None:
    theirs = add_session(stranger)
    assert in_all.post(f"/admin/accounts/user/{person.pk}/sessions/{theirs.pk}/end/").status_code == 404
    assert UserSession.objects.get(pk=theirs.pk).ended_at is None


def test_ending_ones_own_sessions_keeps_this_browser(in_all, superuser) -> None:
    other = sign_in(superuser)
    in_all.post(address(superuser, "end_sessions"))
    assert in_all.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302


def test_an_authenticator_is_removed_with_a_reason(in_org, org) -> None:
    person = make_member(org).user
    assert "/reset_factor/" not in text_of(in_org.get(address(person)))
    give_authenticator(person)
    assert "/reset_factor/" in text_of(in_org.get(address(person)))
    in_org.post(address(person, "reset_factor"), {"reason": "phone lost"})
    assert not has_second_factor(person)


@pytest.mark.parametrize("page", PAGES)
def test_only_superusers_look_after_accounts(as_operator, person, page) -> None:
    add_session(person)
    assert as_operator.get(address(person, page)).status_code == 403
    assert as_operator.post(address(person, page), {"reason": "x"}).status_code == 403
    session = UserSession.objects.get(user=person)
    assert as_operator.post(f"/admin/accounts/user/{person.pk}/sessions/{session.pk}/end/").status_code == 404
    assert User.objects.get(pk=person.pk).is_active


@pytest.mark.parametrize("page", PAGES)
def test_a_person_of_another_organization_is_not_there(in_org, stranger, page) -> None:
    assert in_org.post(address(stranger, page), {"reason": "x"}).status_code == 404
    assert User.objects.get(pk=stranger.pk).is_active
