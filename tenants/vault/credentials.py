"""Credentials of connections: stored and revoked by admins, read by what synchronizes, for a purpose."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from tenants.authority import Actor, require_authority
from tenants.errors import NotFound
from tenants.models import IntegrationConnection
from tenants.scope import service_scope
from tenants.vault import doors
from tenants.vault.ring import MasterKey, Ring, current_vault_ring
from tenants.vault.sealing import SealBroken, make_data_key, seal, secret_label, unseal, unwrap_key, wrap_key
from tenants.vault.secrets import Secret
from tenants.verbs import as_service, verb

LONGEST = 10_000
MISSING = "There is no such connection in this organization."


class CredentialUnreadable(Exception):
    """A credential that stands, and cannot be opened; says what to do, and nothing of what it is."""


@verb
def store_credential(connection: IntegrationConnection, secret: Secret, *, actor: Actor) -> None:
    """Seal a credential and put it in the place of the one before; admins and owners."""
    require_authority(actor, connection.org_id)
    if not 0 < len(secret.reveal()) <= LONGEST or "\0" in secret.reveal():
        raise ValidationError({"secret": f"A credential has one to {LONGEST} characters, and no NUL among them."})
    with as_service("store integration credential", actor):
        store_sealed(connection.org_id, connection.pk, secret)


@verb
def revoke_credential(connection: IntegrationConnection, *, actor: Actor) -> bool:
    """Destroy a connection's credential; False: it had none."""
    require_authority(actor, connection.org_id)
    with as_service("revoke integration credential", actor):
        if not doors.open_vault(connection.org_id, connection.pk):
            raise NotFound(MISSING)
        return doors.revoke_sealed(connection.org_id, connection.pk)


def read_credential(org_id: UUID, connection_id: UUID, *, purpose: str) -> Secret | None:
    """Open a connection's credential, if it has one; the log says so before anybody has it."""
    with transaction.atomic(durable=True), service_scope("read integration credential"):
        kept = doors.get_sealed(org_id, connection_id, purpose)
    return open_kept(kept, org_id, connection_id) if kept else None


def store_sealed(org_id: UUID, connection_id: UUID, secret: Secret) -> None:
    """In the transaction and the scope of the caller."""
    opened = doors.open_vault(org_id, connection_id)
    if opened is None:
        raise NotFound(MISSING)
    key = opened.key or _add_first_key(org_id, connection_id)
    sealed = seal(unwrap(key, org_id), secret.reveal().encode(), secret_label(org_id, connection_id, opened.version))
    doors.store_sealed(
        org_id,
        connection_id,
        version=opened.version,
        key_version=key.version,
        sealed=sealed,
        last_four=secret.last_four(),
    )


def _add_first_key(org_id: UUID, connection_id: UUID) -> doors.WrappedKey:
    """Ours, or that of somebody who was a moment earlier."""
    master = current_vault_ring().newest
    doors.add_first_key(org_id, master.id, wrap_key(master, make_data_key(), org_id, 1))
    opened = doors.open_vault(org_id, connection_id)
    if opened is None or opened.key is None:
        raise NotFound(MISSING)
    return opened.key


def open_kept(kept: doors.Kept, org_id: UUID, connection_id: UUID) -> Secret:
    """What was sealed for exactly this connection."""
    try:
        return Secret(
            unseal(unwrap(kept.key, org_id), kept.sealed, secret_label(org_id, connection_id, kept.version)).decode()
        )
    except SealBroken as broken:
        raise CredentialUnreadable(
            f"The credential of connection {connection_id} of organization {org_id} does not open: {broken}."
            " Nothing was read. Look for who wrote to private.vault_secrets, and store the credential again:"
            f" PUT /api/integrations/{connection_id}/credential/"
        ) from None


def unwrap(key: doors.WrappedKey, org_id: UUID) -> bytes:
    """An organization's data key, by the master key that wrapped it."""
    try:
        return unwrap_key(find_master(current_vault_ring(), key, org_id), key.wrapped, org_id, key.version)
    except SealBroken as broken:
        raise CredentialUnreadable(
            f"Data key {key.version} of organization {org_id} does not open with master key {key.master_id!r}:"
            f" {broken}. Is TENANTRY_VAULT_KEYS the one of this database? See: manage.py doctor --check vault_keys"
        ) from None


def find_master(ring: Ring, key: doors.WrappedKey, org_id: UUID) -> MasterKey:
    """The master key of this id, or what to do without it."""
    master = ring.find(key.master_id)
    if master is None:
        raise CredentialUnreadable(
            f"Data key {key.version} of organization {org_id} is wrapped by master key {key.master_id!r}, which"
            " TENANTRY_VAULT_KEYS does not hold: put it back behind the newest one, then type: manage.py rotate_keys"
        )
    return master
