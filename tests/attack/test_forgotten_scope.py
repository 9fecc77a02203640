"""Lists rely on the scope and on nothing else: whoever forgets it shows nobody's rows, on every list there is."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import reverse
from psycopg import Cursor

from config.api import api_routes
from tenants import scope
from tests.admin.conftest import sign_in
from tests.api.routes import actions_of
from tests.api.world import make_world
from tests.factories import make_superuser

pytestmark = pytest.mark.django_db
LISTS = [r.name for r in api_routes if "get" in actions_of(r) and not r.pattern.converters]
# One's own organizations and sessions come from services.
OWN = {"api-organizations", "api-sessions"}
SCREENS = sorted((m for m in admin.site._registry if m._meta.label != "auth.Group"), key=lambda m: m._meta.label)


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> Any:
    """After this is called, no scope of a client or of staff has claims; roles and sign-in stay as they are."""
    send = scope._send_ticket

    def send_and_forget(role: str, ticket: str) -> dict[str, Any]:
        answer = send(role, ticket)
        if '"surface":"service"' not in ticket:
            with Cursor(connection.connection) as cursor:
                cursor.execute("select set_config('request.jwt.claims', '', true)")
        return answer

    return lambda: monkeypatch.setattr(scope, "_send_ticket", send_and_forget)


def test_a_list_of_the_api_without_claims_is_empty_or_refused(forgetful):
    world = make_world()
    client = world.clients["owner"]
    shown = {name: client.get(reverse(name)) for name in LISTS}
    full = {name for name, answer in shown.items() if answer.status_code == 200 and answer.json().get("results")}
    assert len(full) > 10, "there is nothing to lose"
    forgetful()
    # One's own organizations are told by a service, which needs no claims of a client.
    rows = [row for kind, row in world.rows.items() if kind != "organizations"]
    ids = [str(getattr(row, "pk", row)) for row in rows]
    for name in LISTS:
        answer = client.get(reverse(name))
        told = answer.content.decode()
        assert answer.status_code >= 400 or name not in full - OWN or answer.json()["results"] == [], name
        assert not [key for key in ids if key in told], name


def test_a_list_of_the_console_without_claims_is_empty_or_refused(forgetful):
    make_world()
    client = sign_in(make_superuser())
    addresses = [reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m in SCREENS]
    full = [a for a in addresses if client.get(a).context["cl"].result_list]
    assert len(full) > 10, "there is nothing to lose"
    forgetful()
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code in (302, 403) or list(answer.context["cl"].result_list) == [], address
