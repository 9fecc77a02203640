"""Health, readiness, metrics, logs, request ids, origins, and the parts that can be served apart."""

import importlib
import json
import logging
import os

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import clear_url_caches, resolve

from config import health, urls
from config.health import CHECKS
from config.logging import build_logging, scrub
from config.metrics_store import Store
from config.web_login import SURFACES
from tests.api.clients import ApiClient

pytestmark = pytest.mark.django_db


def test_a_process_that_can_serve_says_so(nobody):
    answer = nobody.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (
        200,
        {"database": "ok", "migrations": "ok", "roles": "ok"},
    )


def test_a_process_newer_than_its_database_does_not_serve(nobody, monkeypatch):
    monkeypatch.setattr(health, "known_migrations", lambda: frozenset({"tenants.9999_next_year"}))
    answer = nobody.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "not ok")


def test_a_database_that_does_not_know_our_key_is_not_ready(nobody, settings):
    settings.TENANTRY_CLAIMS_KEY = "a key of another database"
    answer = nobody.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "not ok")


def test_a_login_without_its_roles_is_not_ready(monkeypatch):
    monkeypatch.setitem(SURFACES, "all", ("pg_signal_backend",))
    with connection.cursor() as cursor:
        assert not CHECKS["roles"](cursor)


def test_metrics_are_for_this_machine_or_for_who_knows_the_token(nobody, settings):
    nobody.get("/healthz")
    answer = Client().get("/metrics")
    assert 'tenantry_requests_total{method="GET",route="/healthz",status="200"}' in answer.content.decode()
    assert Client(REMOTE_ADDR="192.0.2.1").get("/metrics").status_code == 404
    assert Client(headers={"X-Forwarded-For": "127.0.0.1"}).get("/metrics").status_code == 404
    settings.TENANTRY_METRICS_TOKEN = "scrape"
    assert Client().get("/metrics").status_code == 404
    token = {"Authorization": "Bearer scrape"}
    assert Client(REMOTE_ADDR="192.0.2.1", headers=token).get("/metrics").status_code == 200


def test_metrics_tell_how_far_ahead_partitions_reach():
    told = Client().get("/metrics").content.decode()
    for table in ("audit_logs", "metric_events"):
        assert f'tenantry_partition_months_ahead{{table="{table}"}} 3' in told
        assert f'tenantry_partition_default_rows{{table="{table}"}} 0' in told


def test_a_database_that_does_not_answer_leaves_the_counts_of_requests_be(monkeypatch):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr("config.metrics.partition_coverage", fail)
    told = Client().get("/metrics").content.decode()
    assert "tenantry_request_seconds" in told
    assert "tenantry_partition" not in told


def test_what_clients_make_up_becomes_no_time_series(nobody):
    nobody.web.generic("SURPRISE", "/made-up/by-a-client/")
    told = Client().get("/metrics").content.decode()
    assert "made-up" not in told
    assert "SURPRISE" not in told
    assert 'method="other",route="none",status="404"' in told


def test_counts_are_added_up_over_processes_and_outlive_them(tmp_path):
    store = Store(tmp_path)
    store.observe("GET", "/x", 200, 0.2)
    (tmp_path / "of-another-process.json").write_text(json.dumps([["requests", "GET", "/x", "200", 41]]))
    assert store.total()["requests", "GET", "/x", "200"] == 42


def test_counts_that_cannot_be_written_spoil_no_answer(monkeypatch, tmp_path):
    (tmp_path / "no folder").touch()
    store = Store(tmp_path / "no folder" / "counts")
    monkeypatch.setattr("config.metrics.STORE", store)
    assert Client().get("/healthz").status_code == 200
    assert store.counts["requests", "GET", "/healthz", "200"] == 1


def test_counts_are_not_kept_in_somebody_elses_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        Store(tmp_path).flush()


@pytest.mark.parametrize(
    ("given", "taken"), [("abcdefgh-1", True), ("short", False), ("x" * 65, False), ("bad id\twith", False)]
)
def test_a_request_keeps_the_id_that_came_with_it(nobody, given, taken):
    assert (nobody.get("/api/customers/", X_Request_ID=given)["X-Request-ID"] == given) is taken


@pytest.mark.parametrize(
    "event",
    [
        {"event": "Bearer abc.def"},
        {"event": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIi.c2ln in a trace"},
        {"event": "key tnk_1a2b3c4d_0123456789 and rt_0123456789"},
        {"password": "abc.def"},
        {"headers": {"Authorization": "abc.def", "Cookie": "x"}},
        {"event": "postgresql://login:abc.def@host/db", "url": ["/x?token=abc.def"]},
    ],
)
def test_nothing_secret_gets_through_the_log(event):
    written = json.dumps(scrub(None, "info", event))
    assert not [secret for secret in ("abc.def", "c2ln", "0123456789") if secret in written]


def test_a_line_of_the_log_is_json_with_its_request(as_owner, capsys):
    handler = logging.StreamHandler()
    built = build_logging("json", "INFO")["formatters"]["event"]
    handler.setFormatter(built["()"](**{k: v for k, v in built.items() if k != "()"}))
    logger = logging.getLogger("tenantry.requests")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel("INFO")
    try:
        answer = as_owner.get("/api/customers/?search=private")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    line = json.loads([text for text in capsys.readouterr().err.splitlines() if text.startswith("{")][-1])
    assert line["request_id"] == answer["X-Request-ID"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/customers/", 200)
    assert line["org_id"]
    assert "private" not in json.dumps(line)


def test_browsers_of_named_origins_may_call_and_no_others(nobody, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    asked = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,if-match"}

    def preflight(origin, path="/api/customers/"):
        return nobody.web.generic("OPTIONS", path, headers={**asked, "Origin": origin})

    allowed = preflight("https://app.example.org")
    assert allowed["Access-Control-Allow-Origin"] == "https://app.example.org"
    assert "if-match" in allowed["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed
    assert "Access-Control-Allow-Origin" not in preflight("https://evil.example.org")
    assert "Access-Control-Allow-Origin" not in preflight("https://app.example.org", "/admin/login/")


@pytest.mark.parametrize(
    ("surface", "there", "missing"),
    [("api", "/api/customers/", "/admin/"), ("console", "/admin/", "/api/customers/")],
)
def test_api_and_console_can_be_served_apart(surface, there, missing, settings):
    settings.TENANTRY_SURFACE = surface
    try:
        importlib.reload(urls)
        clear_url_caches()
        assert resolve(there)
        assert resolve("/readyz")
        assert ApiClient().get(missing).status_code == 404
    finally:
        settings.TENANTRY_SURFACE = "all"
        importlib.reload(urls)
        clear_url_caches()


def test_the_public_keys_are_there_for_everybody(nobody):
    answer = nobody.get("/.well-known/jwks.json")
    assert {"kid", "kty", "alg", "use", "crv", "x", "y"} == set(answer.json()["keys"][0])
