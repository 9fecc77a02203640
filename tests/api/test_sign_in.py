"""Signing in, staying signed in and out again, over the API."""

import pytest
from django.core import mail

from accounts.mail import finish_deliveries
from accounts.models import User
from tenants.models import Organization, OrgMember
from tests.api.clients import ApiClient, client_for
from tests.factories import PASSWORD, make_member, make_person, owner_of

pytestmark = pytest.mark.django_db


def sign_in(nobody, person):
    return nobody.post("/api/auth/token", {"email": person.email, "password": PASSWORD})


def test_a_person_signs_in_refreshes_once_and_signs_out(nobody):
    person = make_person()
    pair = sign_in(nobody, person).json()
    assert set(pair) == {"access", "refresh", "expires_in", "session_id"}
    assert ApiClient(pair["access"]).get("/api/profile/").json()["email"] == person.email
    newer = nobody.post("/api/auth/refresh", {"refresh": pair["refresh"]}).json()
    assert nobody.post("/api/auth/logout", {"refresh": newer["refresh"]}).status_code == 204
    assert nobody.post("/api/auth/refresh", {"refresh": newer["refresh"]}).status_code == 401
    assert ApiClient(newer["access"]).get("/api/profile/").status_code == 401


def test_a_refresh_token_that_comes_twice_ends_the_session(nobody):
    pair = sign_in(nobody, make_person()).json()
    newer = nobody.post("/api/auth/refresh", {"refresh": pair["refresh"]}).json()
    assert nobody.post("/api/auth/refresh", {"refresh": pair["refresh"]}).status_code == 401
    assert ApiClient(newer["access"]).get("/api/profile/").status_code == 401


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(nobody):
    person = make_person()
    wrong = {"password": "wrong"}
    answers = [nobody.post("/api/auth/token", {**wrong, "email": e}) for e in (person.email, "no@example.org")]
    assert [a.status_code for a in answers] == [401, 401]
    assert answers[0].content == answers[1].content


def test_sign_up_does_not_tell_whether_the_address_is_known(nobody):
    person = make_person()
    body = {"password": PASSWORD}
    answers = [nobody.post("/api/auth/signup", {**body, "email": e}) for e in (person.email, "new@example.org")]
    assert [a.status_code for a in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    assert nobody.post("/api/auth/token", {**body, "email": "new@example.org"}).status_code == 200


def test_who_it_is_and_which_organization_is_chosen(nobody, other_org):
    person = make_person()
    make_member(other_org, "admin", user=person)
    own = Organization.objects.get(created_by=person)
    client = client_for(person)
    told = client.get("/api/auth/validate").json()
    assert set(told) == {"userId", "email", "activeOrgId", "role", "organizations"}
    assert (told["activeOrgId"], told["role"]) == (str(own.pk), "owner")
    assert {o["id"] for o in told["organizations"]} == {str(own.pk), str(other_org.pk)}
    assert set(told["organizations"][0]) == {"id", "slug", "name", "role"}
    chosen = client.post("/api/auth/set-active-org", {"organizationId": str(other_org.pk)}).json()
    assert (chosen["success"], chosen["activeOrgId"]) == (True, str(other_org.pk))
    there = ApiClient(chosen["access"])
    assert there.get(f"/api/organizations/{other_org.pk}/").json()["name"] == other_org.name
    # The token of before is for the organization of before.
    assert client.get(f"/api/organizations/{own.pk}/").status_code == 200


def test_an_organization_in_which_one_is_not_cannot_be_chosen(as_owner, other_org):
    foreign = as_owner.post("/api/auth/set-active-org", {"organizationId": str(other_org.pk)})
    missing = as_owner.post("/api/auth/set-active-org", {"organizationId": "00000000-0000-4000-8000-000000000000"})
    assert (foreign.status_code, foreign.content) == (404, missing.content)


def test_sessions_are_ones_own_and_end_at_once(nobody, as_stranger):
    person = make_person()
    first, second = (sign_in(nobody, person).json() for _ in range(2))
    here, there = ApiClient(first["access"]), ApiClient(second["access"])
    listed = here.get("/api/auth/sessions/").json()["results"]
    assert {s["id"]: s["current"] for s in listed} == {first["session_id"]: True, second["session_id"]: False}
    assert as_stranger.delete(f"/api/auth/sessions/{second['session_id']}/").status_code == 404
    assert here.delete(f"/api/auth/sessions/{second['session_id']}/").status_code == 204
    assert there.get("/api/profile/").status_code == 401
    assert here.get("/api/profile/").status_code == 200


def test_a_password_is_changed_by_who_knows_it_and_ends_other_sessions(nobody):
    person = make_person()
    here, there = (ApiClient(sign_in(nobody, person).json()["access"]) for _ in range(2))
    new = "quite another horse altogether"
    wrong = here.post("/api/auth/password/change", {"old_password": "x", "new_password": new})
    assert (wrong.status_code, set(wrong.json()["errors"])) == (400, {"old_password"})
    assert here.post("/api/auth/password/change", {"old_password": PASSWORD, "new_password": new}).status_code == 204
    assert here.get("/api/profile/").status_code == 200
    assert there.get("/api/profile/").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_an_invitations_link_is_shown_once_and_makes_a_new_person_a_member(org):
    as_owner = client_for(owner_of(org), org)
    made = as_owner.post("/api/invitations/", {"email": "guest@example.org", "role": "admin"}).json()
    finish_deliveries()
    assert made["link"] in mail.outbox[-1].body
    token = made["link"].partition("token=")[2]
    assert "link" not in as_owner.get(f"/api/invitations/{made['id']}/").json()
    assert token not in as_owner.get("/api/invitations/").content.decode()
    sent_again = as_owner.post(f"/api/invitations/{made['id']}/resend/").json()
    assert sent_again["link"] != made["link"]
    body = {"email": "guest@example.org", "password": PASSWORD}
    assert ApiClient().post("/api/auth/signup", {**body, "invitation": token}).status_code == 409
    token = sent_again["link"].partition("token=")[2]
    assert ApiClient().post("/api/auth/signup", {**body, "invitation": token}).status_code == 202
    pair = ApiClient().post("/api/auth/token", body).json()
    told = ApiClient(pair["access"]).get("/api/auth/validate").json()
    assert (told["activeOrgId"], told["role"], len(told["organizations"])) == (str(org.pk), "admin", 1)


def test_a_person_that_is_there_accepts_for_their_own_address_only(as_owner, as_stranger, stranger, org):
    other = as_owner.post("/api/invitations/", {"email": "somebody@example.org"}).json()
    mine = as_owner.post("/api/invitations/", {"email": stranger.email}).json()
    tokens = [i["link"].partition("token=")[2] for i in (other, mine)]
    assert as_stranger.post("/api/invitations/accept/", {"token": tokens[0]}).status_code == 409
    joined = as_stranger.post("/api/invitations/accept/", {"token": tokens[1]})
    assert (joined.json()["id"], joined.json()["role"]) == (str(org.pk), "member")
    assert OrgMember.objects.filter(org=org, user=stranger).exists()


def test_an_admin_makes_nobody_an_owner(as_admin, org):
    assert as_admin.post("/api/invitations/", {"email": "x@example.org", "role": "owner"}).status_code == 403
    member = make_member(org)
    assert as_admin.patch(f"/api/members/{member.pk}/", {"role": "owner"}).status_code == 403
    boss = OrgMember.objects.get(org=org, role="owner")
    assert as_admin.delete(f"/api/members/{boss.pk}/").status_code == 403


def test_an_api_key_is_shown_once_and_works_until_it_is_revoked(as_owner, org):
    made = as_owner.post("/api/api-keys/", {"name": "importer", "role": "member"}).json()
    assert made["key"].startswith(made["prefix"])
    assert made["key"] not in as_owner.get("/api/api-keys/").content.decode()
    machine = ApiClient(made["key"])
    assert machine.get("/api/customers/").status_code == 200
    assert machine.post("/api/customers/", {"name": "x"}).status_code == 403
    assert as_owner.delete(f"/api/api-keys/{made['id']}/").status_code == 204
    assert machine.get("/api/customers/").status_code == 401
    assert as_owner.get(f"/api/api-keys/{made['id']}/").json()["revoked_at"]


def test_what_a_key_did_is_in_the_log_under_its_id_and_the_requests(as_owner):
    made = as_owner.post("/api/api-keys/", {"name": "importer", "role": "admin"}).json()
    ApiClient(made["key"]).post("/api/customers/", {"name": "Ada"}, X_Request_ID="an-id-of-the-client")
    entry = as_owner.get("/api/audit-logs/?table_name=customers").json()["results"][0]
    assert (entry["actor"], entry["request_id"]) == (f"key:{made['id']}", "an-id-of-the-client")


def test_an_account_ends_with_its_person(nobody):
    person = make_person()
    client = client_for(person)
    assert client.delete("/api/profile/").status_code == 204
    assert client.get("/api/profile/").status_code == 401
    assert not User.objects.filter(pk=person.pk).exists()


def test_an_organization_is_founded_handed_over_deleted_and_restored(nobody):
    person, heir = make_person(), make_person()
    founded = client_for(person).post("/api/organizations/", {"name": "Harbour"}).json()
    org = Organization.objects.get(pk=founded["id"])
    make_member(org, user=heir)
    client, heirs = client_for(person, org), client_for(heir, org)
    address = f"/api/organizations/{org.pk}/"
    assert client.post(f"{address}transfer-ownership/", {"user_id": str(heir.pk)}).json()["role"] == "owner"
    assert client.delete(address).status_code == 403
    assert heirs.delete(address).status_code == 204
    assert heirs.get(address).json()["type"] == "no-active-organization"
    statuses = {o["id"]: o["status"] for o in heirs.get("/api/organizations/").json()["results"]}
    assert statuses[str(org.pk)] == "deleting"
    assert client.post(f"{address}restore/").status_code == 403
    assert heirs.post(f"{address}restore/").json()["status"] == "active"
    assert heirs.get(address).status_code == 200


def test_a_taken_slug_is_a_conflict_and_a_strange_one_a_mistake(as_owner, other_org):
    assert as_owner.post("/api/organizations/", {"name": "x", "slug": other_org.slug}).status_code == 409
    for slug in ("A b", "admin", "-x", "x" * 64):
        assert as_owner.post("/api/organizations/", {"name": "x", "slug": slug}).status_code == 400, slug
    mine = as_owner.get("/api/organizations/").json()["results"][0]["id"]
    assert as_owner.patch(f"/api/organizations/{mine}/", {"slug": other_org.slug}).status_code == 409
    assert as_owner.patch(f"/api/organizations/{mine}/", {"slug": "A b"}).status_code == 400


def test_an_avatar_is_an_address_on_the_web(as_owner):
    for url in ("javascript:alert(1)", "data:text/html,x", "//x", "http://[", "/x"):
        assert as_owner.patch("/api/profile/", {"avatar_url": url}).status_code == 400, url
    assert as_owner.patch("/api/profile/", {"avatar_url": "https://example.org/a.png"}).status_code == 200
