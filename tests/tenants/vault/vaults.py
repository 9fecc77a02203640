"""Connections with credentials, and rings of master keys, for the tests of the vault."""

import base64
from typing import Any

from django.db import connection

from tenants.models import IntegrationConnection, Organization
from tenants.vault.credentials import store_credential
from tenants.vault.secrets import Secret
from tests.factories import make_superuser

CANARY = "canary-5f2b-credential-that-nobody-may-see-9c41"


def make_connection(org: Organization, name: str = "Shop", **fields: Any) -> IntegrationConnection:
    return IntegrationConnection.objects.create(org=org, provider="folder", name=name, **fields)


def make_with_credential(org: Organization, text: str = CANARY, name: str = "Shop") -> IntegrationConnection:
    made = make_connection(org, name)
    store_credential(made, Secret(text), actor=make_superuser())
    made.refresh_from_db()
    return made


def written_key(name: str, letter: str) -> str:
    """A master key as the environment holds it."""
    return f"{name}:{base64.b64encode(letter.encode() * 32).decode()}"


def ask(statement: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []
