"""The API's description is complete, true, and the one in docs/."""

import re

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from config.api import api_routes
from config.api_schema import API_PAGE, describe_api, render_schema, validated_api
from tenants.api.fields import columns_of
from tenants.registry import org_models
from tests.api.routes import actions_of

pytestmark = pytest.mark.django_db
PARAMETER = re.compile(r"<\w+:(\w+)>")
# What is no row that clients write, or is reached through another: where it is instead.
ELSEWHERE = {"org_members": "members", "workspace_members": "workspaces", "api_keys": "api-keys"}
NAMES = {"ai_usage_log": "ai-usage", "user_dso_access": "dso-access", "metric_events": "metric-events"}
NAMES |= {"integration_connections": "integrations", "sync_jobs": "sync-jobs"}
# Staff review access in the console; no client does.
OF_STAFF = {"access_findings", "cleaning_batches", "cleaning_rows"}


def test_the_description_is_made_without_a_warning():
    GENERATOR_STATS.reset()
    SchemaGenerator().get_schema(request=None, public=True)
    assert not GENERATOR_STATS
    assert validated_api()["openapi"].startswith("3.1")


def test_the_copy_in_docs_is_current():
    assert API_PAGE.read_text(encoding="utf-8") == render_schema(), "type: manage.py reference --write"


def test_every_route_and_method_is_described():
    served = {
        ("/api/" + PARAMETER.sub(r"{\1}", str(r.pattern)), method) for r in api_routes for method in actions_of(r)
    }
    described = {(path, method) for path, operations in describe_api()["paths"].items() for method in operations}
    assert described == served | {("/.well-known/jwks.json", "get")}


def test_every_operation_says_what_it_does_and_has_a_name_of_its_own():
    operations = [o for path in describe_api()["paths"].values() for o in path.values()]
    assert [o["operationId"] for o in operations if not o.get("summary", "").endswith(".")] == []
    assert len({o["operationId"] for o in operations}) == len(operations)


def test_every_shape_has_an_example():
    shapes = describe_api()["components"]["schemas"]
    lacking = [name for name, s in shapes.items() if s.get("type") == "object" and "examples" not in s]
    assert lacking == []


def test_every_org_table_is_reached():
    addresses = {str(r.pattern).partition("/")[0] for r in api_routes}
    tables = {m._meta.db_table for m in org_models()} - OF_STAFF
    assert [t for t in tables if NAMES.get(t, ELSEWHERE.get(t, t)) not in addresses] == []


def test_no_column_that_is_a_secret_or_of_the_database_alone_is_shown():
    shown = {
        f"{m._meta.db_table}.{c.attname}"
        for m in org_models()
        for c in columns_of(m)
        if m._meta.db_table not in OF_STAFF
    }
    assert [name for name in shown if re.search(r"hash|_lower|deletion|deleted|skeleton", name)] == []


def test_what_is_described_is_what_is_shown(as_owner):
    shapes = describe_api()["components"]["schemas"]
    row = as_owner.post("/api/customers/", {"name": "Ada"}).json()
    assert set(row) == set(shapes["Customer"]["properties"])
    assert set(as_owner.get("/api/members/").json()["results"][0]) == set(shapes["Member"]["properties"])
    assert set(as_owner.get("/api/organizations/").json()["results"][0]) == set(shapes["OwnOrganization"]["properties"])
    assert set(as_owner.get("/api/profile/").json()) == set(shapes["Profile"]["properties"])
    assert set(as_owner.get("/api/audit-logs/").json()["results"][0]) == set(shapes["AuditLogEntry"]["properties"])


def test_the_page_that_shows_it_needs_no_other_host(nobody):
    page = nobody.get("/api/docs/")
    assert "default-src 'self'" in page["Content-Security-Policy"]
    html = page.content.decode()
    assert "http://" not in html
    assert "https://" not in html
    assert not re.search(r"<script>|onload=|onclick=", html)
    assert nobody.get("/api/schema/").json()["info"]["title"] == "Tenantry"


def test_the_address_of_the_api_itself_leads_to_the_page(nobody):
    answer = nobody.get("/api/")
    assert (answer.status_code, answer["Location"]) == (302, "/api/docs/")
