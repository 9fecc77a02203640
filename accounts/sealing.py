"""Secrets that have to be read again: encrypted with a key from SECRET_KEY, for one owner and one purpose."""

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


def seal_secret(secret: bytes, *, purpose: str, owner: str) -> str:
    """Encrypt; another owner's row, or another column, cannot be opened with what comes out."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = _cipher(settings.SECRET_KEY, purpose).encrypt(nonce, secret, owner.encode())
    return base64.b64encode(nonce + sealed).decode()


def open_secret(sealed: str, *, purpose: str, owner: str) -> bytes | None:
    """None: neither SECRET_KEY nor one of SECRET_KEY_FALLBACKS opens it."""
    raw = base64.b64decode(sealed)
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _cipher(key, purpose).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], owner.encode())
        except InvalidTag:
            continue
    return None


def _cipher(key: str, purpose: str) -> AESGCM:
    return AESGCM(hashlib.sha256(f"tenantry {purpose}:{key}".encode()).digest())
