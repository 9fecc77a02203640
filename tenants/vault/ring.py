"""The ring of master keys: the newest wraps the organizations' data keys, an older one still opens what it wrapped."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
MAKE_ONE = "Make one with `echo $(date +%Y-%m):$(openssl rand -base64 32)`."
DEVELOPMENT = "development"


@dataclass(frozen=True)
class MasterKey:
    """One key, and the name under which the database remembers who wrapped what."""

    id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Ring:
    """All master keys, newest first."""

    keys: tuple[MasterKey, ...]

    @property
    def newest(self) -> MasterKey:
        return self.keys[0]

    @property
    def ids(self) -> list[str]:
        return [key.id for key in self.keys]

    def find(self, key_id: str) -> MasterKey | None:
        return next((key for key in self.keys if key.id == key_id), None)


def current_vault_ring() -> Ring:
    """The ring of the settings; in development, one derived from SECRET_KEY, so that all processes have the same."""
    written = settings.TENANTRY_VAULT_KEYS
    ring = read_vault_ring(written) if written.strip() else derive_vault_ring(settings.SECRET_KEY)
    if settings.PRODUCTION:
        _refuse_development_key(written, ring)
    return ring


@lru_cache(maxsize=8)
def read_vault_ring(written: str) -> Ring:
    """Read `id:key, id:key`, keys of 32 bytes in base64; no word of an error quotes a key."""
    keys = tuple(_read_key(place, entry) for place, entry in enumerate(written.replace(",", " ").split(), 1))
    ring = Ring(keys)
    if not keys or len(set(ring.ids)) < len(keys):
        raise ImproperlyConfigured(f"TENANTRY_VAULT_KEYS must hold keys, each under an id of its own. {MAKE_ONE}")
    return ring


@lru_cache(maxsize=8)
def derive_vault_ring(secret: str) -> Ring:
    """A ring of one key that follows from a secret."""
    return Ring((MasterKey(DEVELOPMENT, hashlib.sha256(f"tenantry vault key:{secret}".encode()).digest()),))


def _read_key(place: int, entry: str) -> MasterKey:
    key_id, _, text = entry.partition(":")
    key = _decode(text)
    if not KEY_ID.fullmatch(key_id) or key is None or len(key) != KEY_BYTES:
        raise ImproperlyConfigured(
            f"Entry {place} of TENANTRY_VAULT_KEYS is not an id, a colon and {KEY_BYTES} bytes in base64. {MAKE_ONE}"
        )
    return MasterKey(key_id, key)


def _decode(text: str) -> bytes | None:
    """Base64 in either alphabet, with or without its padding."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _refuse_development_key(written: str, ring: Ring) -> None:
    """A key that stands in a public repository opens for anybody; one derived from another secret changes with it."""
    known = derive_vault_ring(settings.DEVELOPMENT_SECRET).newest.key
    if not written.strip() or any(key.key == known for key in ring.keys):
        raise ImproperlyConfigured(
            "TENANTRY_VAULT_KEYS is not set, or holds the development key, and TENANTRY_ENV is production."
            f" {MAKE_ONE} Keep a copy where backups are not: without it no credential can be read again."
        )
