"""Whatever comes in, what goes out is a problem in one form, and never a 500."""

import json
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.api import api_routes
from tests.api.clients import ApiClient, client_for
from tests.api.routes import actions_of
from tests.factories import make_org, owner_of

pytestmark = pytest.mark.django_db

ODD_TEXTS = ["\0", "a\0b", "\ud800", "", " ", "x" * 20_000, "'; drop table users; --", "\u202e", "NaN", "{}", "null"]
ODD_NUMBERS = [2**31, 2**63, -(2**63) - 1, 10**400, 1e308, -1, 0.1, True]
ODD_TIMES = ["0000-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30", "infinity", "now"]
ODD: list[Any] = [
    *ODD_TEXTS,
    *map(float, ODD_NUMBERS[:3]),
    *ODD_NUMBERS[:3],
    *ODD_TIMES,
    None,
    [],
    {},
    [[]],
    {"a": {"b": 1}},
]
BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"0",
    b'"text"',
    b"[" * 100_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
    b'{"name": NaN}',
    b'{"name": Infinity}',
    b'{"amount": 1e999, "date": "2026-01-01"}',
    b'{"name": "\\u0000"}',
    b'{"name": "\\ud800"}',
    b'{"\\u0000": 1}',
    b'{"name": "\xff"}',
    b"\xef\xbb\xbf{}",
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"metadata": {"a": [' + b"[" * 70 + b"]" * 70 + b']}, "type": "login"}',
]


def is_fine(response) -> bool:
    """An answer that a client can work with."""
    if response.status_code < 400:
        return True
    told = response.json()
    return response.status_code < 500 and told["status"] == response.status_code and bool(told["detail"])


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:20].decode(errors="replace"))
def test_a_body_that_is_no_json_of_ours_is_refused(as_owner, body):
    for address in ("customers/", "revenue/", "activities/", "auth/token", "organizations/"):
        answer = as_owner.post(f"/api/{address}", body)
        assert is_fine(answer), answer.content
        assert answer.status_code == 400, address


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_an_odd_value_in_any_field_is_answered(as_owner, value):
    """Every field of every body gets it, one after the other."""
    body = json.dumps(value).encode()
    for name, fields in WRITTEN.items():
        for field in fields:
            answer = as_owner.post(f"/api/{name}/", b'{"' + field.encode() + b'": ' + body + b"}")
            assert is_fine(answer), (name, field, answer.content)


WRITTEN = {
    "customers": ("name", "email", "status", "company"),
    "revenue": ("amount", "date", "customer_id", "category"),
    "activities": ("type", "metadata", "customer_id"),
    "ai-usage": ("query_id", "input_tokens", "cost_usd", "date", "model"),
    "stores": ("workspace_id", "timezone"),
    "dso-access": ("user_id", "expires_at"),
    "invitations": ("email", "role"),
    "api-keys": ("name", "expires_at", "role"),
    "organizations": ("name", "slug"),
    "auth/token": (),
}
PLAIN = [route for route in api_routes if "<" not in str(route.pattern)]
LISTS = sorted(str(r.pattern) for r in PLAIN if actions_of(r).get("get") == "list")


@pytest.mark.parametrize(
    "query",
    [
        "no_such=1",
        "org_id=1",
        "user__password__startswith=x",
        "id__in=1",
        "page_size=0",
        "page_size=-1",
        "page_size=x",
        "page_size=99999999999999999999",
        "page_size=%D9%A3",
        "cursor=",
        "cursor=%00",
        "cursor=e30",
        "cursor=WyItaWQiLDEsMSxmYWxzZV0",
        "cursor=" + "A" * 5000,
        "ordering=password",
        "ordering=?",
        "ordering=--id",
        "created_at_from=0000-01-01",
        "search=%00",
        "search=" + "x" * 300,
        "page_size=1&page_size=2",
    ],
)
def test_a_parameter_that_means_nothing_is_refused_by_name(as_owner, query):
    for address in LISTS:
        answer = as_owner.get(f"/api/{address}?{query}")
        assert answer.status_code == 400, (address, answer.content)
        assert set(answer.json()["errors"]) == {query.partition("=")[0]}


def test_a_page_is_capped(as_owner):
    as_owner.post("/api/customers/", [{"name": str(n)} for n in range(210)])
    assert len(as_owner.get("/api/customers/?page_size=100000").json()["results"]) == 200


def test_filters_say_what_they_find(as_owner):
    made = as_owner.post(
        "/api/customers/",
        [{"name": "Ada", "email": "ADA@example.org", "status": "churned"}, {"name": "100%_Bob", "company": "x"}],
    ).json()

    def found(query):
        return [row["name"] for row in as_owner.get(f"/api/customers/?{query}").json()["results"]]

    assert found("status=churned") == ["Ada"]
    assert found("email=ada@EXAMPLE.org") == ["Ada"]
    assert found("search=aD") == ["Ada"]
    assert found("search=%25_") == ["100%_Bob"]
    assert found("company=x&status=active") == ["100%_Bob"]
    assert found("created_at_from=2999-01-01T00:00:00Z") == []
    assert found(f"created_at_to={made[0]['created_at']}") == ["100%_Bob", "Ada"]


def test_another_content_type_and_a_body_too_large_are_told_apart(as_owner, settings):
    headers = {"Authorization": f"Bearer {as_owner.bearer}"}
    form = as_owner.web.generic(
        "POST", "/api/customers/", b"name=x", "application/x-www-form-urlencoded", headers=headers
    )
    assert (form.status_code, form.json()["type"]) == (415, "unsupported-media-type")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    large = as_owner.post("/api/customers/", {"name": "x" * 1000})
    assert (large.status_code, large.json()["type"]) == (413, "body-too-large")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "nonsense"])
def test_json_is_what_everybody_gets(as_owner, accept):
    assert as_owner.get("/api/customers/", Accept=accept)["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/api/nowhere/", "/api/customers/1/", "/api/customers/%00/", "/api/../x"])
def test_an_address_that_is_not_there_is_answered_like_a_row_that_is_not(as_owner, path):
    missing = as_owner.get(f"/api/customers/{uuid4()}/")
    answer = as_owner.get(path)
    assert (answer.status_code, answer.content) == (404, missing.content)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer x", "Bearer a.b.c", "Bearer " + "x" * 20_000, "Bearer \xff", "\0"],
)
def test_a_credential_that_is_none_is_nobodys(header):
    answer = ApiClient().get("/api/customers/", Authorization=header)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="tenantry"')


@pytest.fixture
def fuzzed(db):
    return client_for(owner_of(make_org()))


TEXTS = st.text(max_size=30) | st.sampled_from([t for t in ODD_TEXTS if len(t) < 100])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | st.sampled_from(ODD_TIMES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({field for fields in WRITTEN.values() for field in fields} | {"token", "email", "password", "refresh"})
POSTED = sorted(str(r.pattern) for r in PLAIN if "post" in actions_of(r))
ASKED = ["cursor", "page_size", "ordering", "search", "created_at_from", "name", "user_id", "amount_to"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    address=st.sampled_from(POSTED),
    body=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6) | VALUES,
    headers=st.dictionaries(
        st.sampled_from(["Idempotency-Key", "If-Match", "X-Request-ID"]), st.text('ab*"\x7f,é', max_size=9), max_size=2
    ),
)
def test_nothing_that_is_sent_is_an_accident(fuzzed, address, body, headers):
    answer = fuzzed.post(f"/api/{address}", body, **headers)
    assert is_fine(answer), answer.content


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    address=st.sampled_from(LISTS),
    query=st.dictionaries(
        st.sampled_from(
            ["cursor", "page_size", "ordering", "search", "created_at_from", "name", "user_id", "amount_to"]
        ),
        TEXTS,
        max_size=3,
    ),
)
def test_nothing_that_is_asked_is_an_accident(fuzzed, address, query):
    said = urlencode({name: value.encode(errors="surrogatepass") for name, value in query.items()})
    answer = fuzzed.get(f"/api/{address}?{said}")
    assert is_fine(answer), answer.content


def test_a_database_that_cannot_answer_is_told_to_the_client_and_to_the_log(as_owner, settings, caplog):
    settings.TENANTRY_CLAIMS_KEY = "a key of another database"
    answer = as_owner.get("/api/customers/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "sign" not in answer.json()["detail"]
    assert "not signed with a key of this database" in caplog.text
