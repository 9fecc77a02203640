"""The demo's connections: one that works, one that is refused elsewhere, one that rests; and what was read."""

from datetime import timedelta

from django.utils import timezone

from audit.models import AuditLog
from config.demo.world import DEMO_ORG
from tenants.models import ConnectionStatus, IntegrationConnection, Organization, SyncJob, SyncStatus
from tenants.vault.credentials import store_sealed
from tenants.vault.secrets import Secret

EXPIRED = "The shop answered 401: the credential has expired there. Store a new one."
# Of no account anywhere.
CREDENTIAL = "demo-credential-of-no-account-{}"


def connections_stand() -> bool:
    """Whether the log knows of a connection of the demo organization: what was deleted since does not come back."""
    table = IntegrationConnection._meta.db_table
    return AuditLog.objects.filter(org_id=DEMO_ORG, table_name=table, action="INSERT").exists()


def build_connections() -> None:
    """Three connections of the demo organization, two with a credential, and their last runs."""
    if not Organization.objects.filter(pk=DEMO_ORG).exists():
        return
    tills = add_connection("folder", "Tills", {"folder": "tills", "signed": True})
    shop = add_connection("webshop", "Web shop", {"shop": "brightwater", "since": "2026-01-01"})
    add_connection("ledger", "Old ledger", {"book": "2019"}, status=ConnectionStatus.PAUSED)
    for number, connection in enumerate((tills, shop), 1):
        store_sealed(DEMO_ORG, connection.pk, Secret(CREDENTIAL.format(number)))
    now = timezone.now()
    rows = IntegrationConnection.objects.filter(org_id=DEMO_ORG)
    rows.filter(pk=tills.pk).update(last_synced_at=now - timedelta(hours=1))
    rows.filter(pk=shop.pk).update(status=ConnectionStatus.ERROR, last_error=EXPIRED)
    SyncJob.objects.bulk_create(
        [
            *(past_job(tills, hours, SyncStatus.SUCCEEDED, read=180 - hours) for hours in (73, 49, 25, 1)),
            past_job(tills, 50, SyncStatus.CANCELLED, read=20),
            past_job(shop, 26, SyncStatus.SUCCEEDED, read=42),
            past_job(shop, 2, SyncStatus.FAILED, error=EXPIRED),
        ]
    )


def add_connection(
    provider: str, name: str, settings: dict[str, object], status: ConnectionStatus = ConnectionStatus.ACTIVE
) -> IntegrationConnection:
    return IntegrationConnection.objects.create(
        org_id=DEMO_ORG, provider=provider, name=name, settings=settings, status=status
    )


def past_job(
    connection: IntegrationConnection, hours: int, status: SyncStatus, *, read: int = 0, error: str = ""
) -> SyncJob:
    """A run that many hours ago, which took a minute."""
    begun = timezone.now() - timedelta(hours=hours)
    return SyncJob(
        org_id=DEMO_ORG,
        connection_id=connection.pk,
        status=status,
        created_at=begun,
        started_at=begun,
        finished_at=begun + timedelta(minutes=1),
        attempts=1,
        events_read=read,
        events_added=read,
        error=error,
    )
