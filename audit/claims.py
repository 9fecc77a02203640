"""Tickets: claims that this process vouches for, which the database verifies before it believes them."""

import hashlib
import hmac
import json
import time
from typing import Any

from django.conf import settings

# Long enough for clocks that disagree a little; a ticket travels as a bound parameter and is used at once.
TICKET_SECONDS = 60
BLOCK = 64


def sign_ticket(claims: dict[str, Any]) -> str:
    """Sign claims for `private.enter_scope`."""
    payload = json.dumps({**claims, "exp": int(time.time()) + TICKET_SECONDS}, separators=(",", ":"), default=str)
    seal = hmac.new(settings.TENANTRY_CLAIMS_KEY.encode(), f"ticket:{payload}".encode(), hashlib.sha256)
    return f"{seal.hexdigest()}.{payload}"


def key_pads(key: str) -> tuple[str, bytes, bytes]:
    """A key as the database keeps it: an id that does not betray it, and the two pads of HMAC-SHA-256."""
    secret = key.encode()
    if len(secret) > BLOCK:
        secret = hashlib.sha256(secret).digest()
    padded = secret.ljust(BLOCK, b"\0")
    key_id = hashlib.sha256(b"key id:" + padded).hexdigest()[:16]
    return key_id, bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)


def store_claims_key(cursor: Any, key: str) -> bool:
    """Make a key the signing one and keep the one before it, so that running processes go on; True if it was not."""
    key_id, inner, outer = key_pads(key)
    cursor.execute(
        "insert into private.claims_keys (key_id, inner_pad, outer_pad) values (%s, %s, %s)"
        # A key that comes back signs again; left as old as it was, the next rotation would throw it out while in use.
        " on conflict (key_id) do update set created_at = clock_timestamp()"
        " where claims_keys.created_at < (select max(created_at) from private.claims_keys)",
        [key_id, inner, outer],
    )
    added = bool(cursor.rowcount)
    cursor.execute(
        "delete from private.claims_keys where key_id not in"
        " (select key_id from private.claims_keys order by created_at desc limit 2)"
    )
    return added
