"""Signing in to the console, and who is let in."""

import pytest
from django.contrib.sessions.models import Session

from accounts.models import User
from audit.models import AuditLog
from tests.admin.conftest import sign_in
from tests.clients import WebClient
from tests.factories import PASSWORD, make_person, make_staff

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"


def attempt(web, email, password=PASSWORD):
    return web.post(LOGIN, {"username": email, "password": password, "next": "/admin/"})


def test_a_superuser_signs_in_whatever_the_case_of_the_email(web, superuser) -> None:
    answer = attempt(web, "Root@Example.org")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert web.get("/admin/").status_code == 200


def test_signing_in_notes_the_time(web, superuser) -> None:
    attempt(web, superuser.email)
    assert User.objects.get(pk=superuser.pk).last_login is not None


def test_a_wrong_password_says_so_on_the_page(web, superuser) -> None:
    answer = attempt(web, superuser.email, "wrong")
    assert answer.status_code == 200
    assert "Please enter the correct" in answer.content.decode()


def test_nobody_is_sent_to_the_sign_in_page(web) -> None:
    answer = web.get("/admin/tenants/store/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/tenants/store/")


def test_a_person_who_is_no_staff_stays_outside(web) -> None:
    person = make_person()
    assert attempt(web, person.email).status_code == 200
    assert sign_in(person).get("/admin/").status_code == 302


def test_signing_out_ends_the_session_in_the_database(in_all) -> None:
    key = in_all.session.session_key
    assert in_all.post("/admin/logout/").status_code == 200
    assert not Session.objects.filter(session_key=key).exists()
    assert in_all.get("/admin/").status_code == 302


def test_a_disabled_person_is_out_with_the_next_request(in_all, superuser) -> None:
    User.objects.filter(pk=superuser.pk).update(is_active=False)
    assert in_all.get("/admin/").status_code == 302


def test_a_demoted_person_is_out_with_the_next_request(in_all, superuser) -> None:
    User.objects.filter(pk=superuser.pk).update(is_staff=False)
    assert in_all.get("/admin/").status_code == 302


def test_changing_ones_own_password_keeps_the_session(in_all, superuser) -> None:
    new = {"new_password1": "a whole new sentence", "new_password2": "a whole new sentence"}
    answer = in_all.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    assert answer.status_code == 302
    assert in_all.get("/admin/").status_code == 200
    assert User.objects.get(pk=superuser.pk).check_password("a whole new sentence")


def test_setting_ones_own_password_as_a_superuser_keeps_the_session(in_all, superuser) -> None:
    address = f"/admin/accounts/user/{superuser.pk}/password/"
    new = {"usable_password": "true", "password1": "a whole new sentence", "password2": "a whole new sentence"}
    assert in_all.post(address, new).status_code == 302
    assert in_all.get("/admin/").status_code == 200


def test_staff_in_no_organization_are_told_so_and_can_sign_out() -> None:
    client = sign_in(make_staff())
    answer = client.get("/admin/")
    assert answer.status_code == 403
    assert "You are in no organization" in answer.content.decode()
    assert client.post("/admin/logout/").status_code == 200


def test_staff_without_permission_see_no_list(org) -> None:
    from_org = make_staff()
    org.members.create(org=org, user=from_org, role="member", state="active", joined_at=from_org.created_at)
    client = sign_in(from_org)
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/tenants/store/").status_code == 403


def test_the_sign_in_page_and_the_console_carry_a_content_policy(in_all, web) -> None:
    for answer in (web.get(LOGIN), in_all.get("/admin/")):
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy


def test_every_sign_in_is_in_the_log_by_name_with_the_person(web, superuser) -> None:
    attempt(web, superuser.email, PASSWORD)
    entry = AuditLog.objects.get(action="sign_in", record_id=str(superuser.pk))
    assert (entry.actor, entry.record_id, entry.surface) == (f"user:{superuser.pk}", str(superuser.pk), "service")


def test_a_failed_sign_in_is_in_the_log_with_the_account_it_was_for(web, superuser) -> None:
    attempt(web, superuser.email.upper(), "wrong")
    assert AuditLog.objects.get(action="sign_in.failed").record_id == str(superuser.pk)


def test_what_was_typed_for_no_account_is_not_kept(web, superuser) -> None:
    attempt(web, "my-secret-password", "wrong")
    assert AuditLog.objects.get(action="sign_in.failed").new_data == {"email": ""}


def test_a_sign_in_is_no_change_of_the_person(web, superuser) -> None:
    attempt(web, superuser.email, PASSWORD)
    superuser.refresh_from_db()
    assert superuser.last_login
    assert not AuditLog.objects.filter(table_name="users", record_id=str(superuser.pk), action="UPDATE").exists()


def test_a_form_without_a_password_gives_nobody_their_attempts_back(web, superuser) -> None:
    for _ in range(10):
        attempt(web, superuser.email, "wrong")
        web.post(LOGIN, {"username": superuser.email, "next": "/admin/"})
    assert "Too many attempts" in attempt(web, superuser.email).content.decode()


def test_who_is_signed_in_already_may_send_the_form_of_another_tab(in_all, superuser) -> None:
    answer = attempt(in_all, superuser.email)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert attempt(in_all, superuser.email, "wrong").status_code == 200
    assert in_all.get("/admin/").status_code == 200


def test_another_person_may_sign_in_over_a_session_of_somebody_elses(in_all, operator) -> None:
    assert attempt(in_all, operator.email).status_code == 302
    assert operator.email in in_all.get("/admin/account/").content.decode()


def test_a_form_from_before_signing_in_is_answered_in_our_words(superuser) -> None:
    answer = WebClient(enforce_csrf_checks=True).post(LOGIN, {"username": superuser.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert "Nothing was written" in answer.content.decode()
    assert "load it anew" in answer.content.decode()
