"""Sealing and opening: AES-256-GCM, with what it belongs to as associated data, so that nothing opens elsewhere."""

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.vault.ring import KEY_BYTES, MasterKey

# What stands first in everything sealed, so that another way of sealing can be told apart one day.
FORMAT = b"\x01"
NONCE_BYTES = 12


class SealBroken(Exception):
    """Something does not open as what it is kept as: it was moved or changed, or is of another key."""


def seal(key: bytes, plain: bytes, belongs_to: bytes) -> bytes:
    """Encrypt under a nonce that is never used again."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, belongs_to)


def unseal(key: bytes, sealed: bytes, belongs_to: bytes) -> bytes:
    """Decrypt what was sealed for exactly this."""
    if sealed[:1] != FORMAT:
        raise SealBroken("it is in no format that this version knows")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, belongs_to)
    except (InvalidTag, ValueError):
        # Not chained: there is nothing to learn from it.
        raise SealBroken("it was moved or changed, or is of another key") from None


def secret_label(org_id: UUID, connection_id: UUID, version: int) -> bytes:
    """What a credential belongs to: its organization, its connection, and which in a row of them it is."""
    return f"tenantry vault|secret|{org_id}|{connection_id}|{version}".encode()


def key_label(org_id: UUID, version: int, master_id: str) -> bytes:
    """What a data key belongs to."""
    return f"tenantry vault|key|{org_id}|{version}|{master_id}".encode()


def make_data_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def wrap_key(master: MasterKey, key: bytes, org_id: UUID, version: int) -> bytes:
    """A data key as the database keeps it."""
    return seal(master.key, key, key_label(org_id, version, master.id))


def unwrap_key(master: MasterKey, wrapped: bytes, org_id: UUID, version: int) -> bytes:
    """The data key itself."""
    return unseal(master.key, wrapped, key_label(org_id, version, master.id))
