"""Clients of the API: each is somebody, and speaks JSON."""

import json
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.tokens.sessions import start_session
from accounts.visitors import Visitor
from tenants.api_keys import create_api_key
from tenants.models import Organization
from tests.clients import WebClient
from tests.factories import owner_of


class ApiClient:
    """Sends a bearer, and reads JSON."""

    def __init__(self, bearer: str = "") -> None:
        self.web = WebClient()
        self.bearer = bearer

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """`headers` by their plain names: If_Match="…"."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.bearer:
            sent.setdefault("Authorization", f"Bearer {self.bearer}")
        data = b"" if body is None else json.dumps(body).encode() if not isinstance(body, bytes) else body
        return self.web.generic(method, path, data, content_type="application/json", headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.send("DELETE", path, **headers)


def token_for(person: User, org: Organization | None = None) -> str:
    """An access token for the organization (else for the one that sign-in would choose)."""
    if org is not None:
        User.objects.filter(pk=person.pk).update(active_org=org)
    with transaction.atomic():
        return start_session(person, visitor=Visitor()).access


def client_for(person: User, org: Organization | None = None) -> ApiClient:
    return ApiClient(token_for(person, org))


def key_client(org: Organization, role: str = "admin") -> ApiClient:
    """A machine of the organization, made by its owner."""
    owner = owner_of(org)
    owner.is_superuser = True  # in memory only: outside a scope, that is who may
    return ApiClient(create_api_key(org, "machine", role=role, actor=owner)[1])
