"""A connection with all that belongs to it, for the tests that look at every table."""

from typing import Any

from django.db import connection
from django.utils import timezone

from postgres.keys import new_id
from tenants.models import IntegrationConnection, SyncJob


def add_integration(side: Any) -> None:
    """A connection with a credential; what seals it does not matter here."""
    connected = IntegrationConnection.objects.create(
        org=side.org,
        provider="folder",
        name="secret shop",
        vault_secret_id=new_id(),
        credential_last_four="cret",
        credential_set_at=timezone.now(),
    )
    SyncJob.objects.create(org=side.org, connection=connected, error="secret")
    with connection.cursor() as cursor:
        key = [side.org.pk]
        cursor.execute(
            "insert into private.vault_keys (org_id, version, master_key, wrapped) values (%s, 1, 'm', '')", key
        )
        cursor.execute(
            "insert into private.vault_secrets (org_id, connection_id, version, key_version, sealed)"
            " values (%s, %s, 1, 1, 'secret')",
            [side.org.pk, connected.pk],
        )
