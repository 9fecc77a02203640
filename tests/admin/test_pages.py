"""Every page of every admin: it answers, and it asks no other host."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import AccessFinding, CleaningBatch, CleaningRow, UserProfile
from audit.models import AuditLog
from postgres.keys import new_id
from tenants.models import (
    Activity,
    AiUsage,
    ApiKey,
    Conversion,
    ConversionTable,
    Customer,
    Doctor,
    DoctorRun,
    Dso,
    IntegrationConnection,
    Invitation,
    MetricDefinition,
    MetricEvent,
    QuarantinedRow,
    Revenue,
    SyncJob,
    UserDsoAccess,
)
from tests.admin.conftest import sign_in
from tests.factories import make_member, make_store, make_superuser, make_workspace

OUTSIDE = re.compile(rb"""(?:https?:)?//(?!testserver)[a-z0-9-]+\.[a-z]{2,}""", re.I)
# Namespaces of XML are names, not addresses.
NAMES = (b"http://www.w3.org/",)
pytestmark = pytest.mark.django_db


def make_world(org):
    make_store(org)
    make_workspace(org)
    make_member(org)
    Invitation.objects.create(
        org=org, email="new@example.org", token_hash="x", expires_at="2030-01-01T00:00Z", sent_at="2029-01-01T00:00Z"
    )
    make_business_rows(org)


def make_business_rows(org):
    person, today = org.members.first().user, date(2026, 3, 1)
    customer = Customer.objects.create(org=org, name="Acme")
    Revenue.objects.create(org=org, customer=customer, amount=10, date=today)
    Activity.objects.create(org=org, customer=customer, type="purchase")
    AiUsage.objects.create(org=org, user=person, query_id=new_id(), model="small", date=today)
    ApiKey.objects.create(org=org, name="Nightly", prefix="tnk_0", secret_hash=f"hash of {org.slug}")
    dso = Dso.objects.create(org=org, name="Bright Smiles")
    Doctor.objects.create(org=org, dso=dso, name="Dr. Molar")
    row = UserDsoAccess.objects.create(org=org, user=person, dso=dso)
    make_review(org, row)
    connected = IntegrationConnection.objects.create(org=org, provider="folder", name="Shop")
    SyncJob.objects.create(org=org, connection=connected)
    MetricDefinition.objects.get_or_create(key="visits", defaults={"display_name": "Visits"})
    MetricEvent.objects.create(org=org, metric_key="visits", value=1, recorded_at="2026-03-01T00:00Z")


def make_conversion():
    """About the database, and of no organization."""
    made, _ = Conversion.objects.get_or_create(number=1, schemas=["legacy"], plan="")
    table, _ = ConversionTable.objects.get_or_create(
        conversion=made, name="legacy.calls", oid=1, position=0, defaults={"decisions": {}}
    )
    QuarantinedRow.objects.get_or_create(table=table, row_key={"id": "1"}, reason="no_person")
    finding = {"check": "views", "level": "error", "object": "view leak", "reason": "It leaks.", "remedy": "drop view"}
    DoctorRun.objects.create(made_by="doctor", errors=1, findings=[finding])


def make_review(org, row):
    finding = {"email_lower": row.user.email, "evidence": "It looks wrong."}
    AccessFinding.objects.create(org=org, user=row.user, detector="expired", key="1", row_ids=[row.pk], **finding)
    batch = CleaningBatch.objects.create(org=org, made_by="system:clean_access", access_rows=1, planned_rows=1)
    about = {"table_name": "user_dso_access", "row_id": row.pk, "user_id": row.user_id, "shown": "Bright Smiles"}
    CleaningRow.objects.create(org=org, batch=batch, data={"id": str(row.pk)}, **about, **finding)


def addresses(model, row):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    pages = ["change", "history", "delete"]
    return [reverse(f"{name}_changelist"), *(reverse(f"{name}_{page}", args=[row.pk]) for page in pages)]


def visible_row(model, org):
    """One row of each kind that the console, working in `org`, sees."""
    if model is UserProfile:
        return org.members.first().user.profile
    if model._meta.label == "accounts.User":
        return org.members.first().user
    if model._meta.label == "tenants.Organization":
        return org
    if model is MetricDefinition:
        return MetricDefinition.objects.get()
    if model is AuditLog:
        return AuditLog.objects.filter(org_id=org.pk).first()
    if model in OPERATIONS:
        make_conversion()
        return model.objects.first()
    if model._meta.label == "auth.Group":
        return model.objects.get_or_create(name="Readers")[0]
    return model.objects.filter(org=org).first()


OPERATIONS = (Conversion, DoctorRun, QuarantinedRow)
LABELS = {model._meta.label for model in OPERATIONS}
MODELS = sorted(admin.site._registry, key=lambda m: m._meta.label)


def pages(model, org, scope):
    if model in OPERATIONS and scope == "org":
        yield addresses(model, visible_row(model, org))[0]
        return
    registered = admin.site._registry[model]
    closed = {"accounts.AccessFinding", "accounts.CleaningBatch", "tenants.MetricEvent", "tenants.SyncJob", *LABELS}
    closed_to_delete = {"accounts.UserProfile", "audit.AuditLog", "tenants.Invitation", "tenants.ApiKey"} | closed
    if scope == "org":
        closed_to_delete |= {"accounts.User", "auth.Group", "tenants.MetricDefinition"}
    for address in addresses(model, visible_row(model, org)):
        if address.endswith("/delete/") and model._meta.label in closed_to_delete:
            continue
        yield address
    adds_in_all_only = {"tenants.Organization", "tenants.OrgMember", "accounts.User", "auth.Group"}
    adds_in_all_only |= {"tenants.MetricDefinition"}
    never = {"accounts.UserProfile", "audit.AuditLog"} | closed
    if model._meta.label not in never | (adds_in_all_only if scope == "org" else set()):
        yield reverse(f"admin:{registered.opts.app_label}_{registered.opts.model_name}_add")


@pytest.fixture
def client(request, org):
    make_world(org)
    person = make_superuser(console_org=org if request.param == "org" else None)
    return sign_in(person), request.param


@pytest.mark.parametrize("client", ["all", "org"], indirect=True)
@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_every_page_answers_without_another_host(client, model, org) -> None:
    web, scope = client
    for address in pages(model, org, scope):
        answer = web.get(address)
        assert answer.status_code == 200, address
        assert outside_hosts(answer.content) == [], address


@pytest.mark.parametrize("client", ["all", "org"], indirect=True)
def test_the_front_page_and_sign_in_answer_without_another_host(client) -> None:
    web, _ = client
    for address in ("/admin/", "/admin/password_change/", "/admin/jsi18n/", "/admin/search/?s=store", "/admin/login/"):
        answer = web.get(address, follow=True)
        assert answer.status_code == 200, address
        assert outside_hosts(answer.content) == [], address


def outside_hosts(content: bytes) -> list[bytes]:
    for name in NAMES:
        content = content.replace(name, b"")
    return OUTSIDE.findall(content)


@pytest.mark.parametrize("client", ["all", "org"], indirect=True)
def test_every_autocomplete_answers(client, org) -> None:
    web, _ = client
    fields = [("orgmember", "user"), ("store", "workspace"), ("orgmember", "org"), ("workspacemember", "user")]
    for model, field in fields:
        asked = {"app_label": "tenants", "model_name": model, "field_name": field, "term": "o"}
        answer = web.get("/admin/autocomplete/", asked)
        assert answer.status_code == 200
        assert "results" in answer.json()


ODD = ["\0", "'", "%", "\\", "\ud800".encode("utf-8", "replace").decode(), "💥" * 300, "a" * 5000, "² 1", "null"]


@pytest.mark.parametrize("client", ["all"], indirect=True)
@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_input_is_no_error_of_the_server(client, odd) -> None:
    web, _ = client
    for model in MODELS:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for parameter in ("q", "p", "o", "id__exact", "created_at__gte", "state__exact", "table", "e", "person", "in"):
            assert web.get(address, {parameter: odd}).status_code < 500, (address, parameter)
    asked = {"app_label": "tenants", "model_name": "orgmember", "field_name": "user", "term": odd, "page": odd}
    assert web.get("/admin/autocomplete/", asked).status_code < 500
    assert web.get("/admin/search/", {"s": odd, "page": odd}).status_code < 500


@pytest.mark.parametrize("odd", ["²", "-1", "x", "99999999999999999999"])
def test_an_odd_page_of_an_inline_or_of_a_history_is_the_first(in_all, org, odd) -> None:
    address = f"/admin/tenants/organization/{org.pk}/"
    assert in_all.get(f"{address}change/", {"members-page": odd}).status_code == 200
    assert in_all.get(f"{address}history/", {"p": odd}).status_code == 200


def test_an_action_on_ids_that_are_none_is_refused_in_words(in_all) -> None:
    sent = {"action": "delete_selected", "_selected_action": ["nonsense"], "post": "yes"}
    page = in_all.post("/admin/tenants/store/", sent, follow=True).content.decode()
    assert "is not a valid UUID" in page


@pytest.mark.parametrize("address", ["/admin/tenants/store/nonsense/change/", "/admin/nonsense/"])
def test_an_address_that_leads_nowhere_is_a_page_that_says_so(in_all, address) -> None:
    answer = in_all.get(address)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
