"""API keys: machine clients of one organization; of the secret only a hash is kept."""

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils import timezone

from tenants.authority import Actor, require_authority
from tenants.errors import NotAllowed, NotFound
from tenants.models import ApiKey, Organization
from tenants.models.api_keys import KEY_ROLES
from tenants.verbs import verb

# tnk_<eight that are shown>_<the secret>: no dot in it, so it is never taken for a token.
KEY_SHAPE = re.compile(r"tnk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")
ROLES = frozenset(value for value, _label in KEY_ROLES)
LONGEST_NAME = 200
BAD_NAME = f"A name has one to {LONGEST_NAME} characters that can be printed."
NOT_PERSONS = "An API key does not make or end API keys; a person answers for them."


@dataclass
class KeyActor:
    """A request that an API key made, where a verb asks for its actor: no person, the scope's role."""

    pk: Any = None
    is_staff: bool = False
    is_superuser: bool = False


@verb
def create_api_key(
    org: Organization, name: str, *, role: str, expires_at: datetime | None = None, actor: Actor
) -> tuple[ApiKey, str]:
    """Make a key; returns the secret as well, which is shown once. Admins and owners who are people."""
    _require_person(org.pk, role, actor)
    if errors := dict(_find_faults(name.strip(), role, expires_at)):
        raise ValidationError(errors)
    prefix = f"tnk_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        org=org,
        name=name.strip(),
        role=role,
        expires_at=expires_at,
        created_by_id=actor.pk,
        prefix=prefix,
        secret_hash=hash_api_key(secret),
    )
    return key, secret


@verb
def revoke_api_key(key: ApiKey, *, actor: Actor) -> ApiKey:
    """End a key for good; again is no error."""
    stands = ApiKey.objects.filter(org_id=key.org_id, pk=key.pk).first()
    if stands is None:
        raise NotFound("There is no such API key in this organization.")
    _require_person(stands.org_id, stands.role, actor)
    ApiKey.objects.filter(org_id=stands.org_id, pk=stands.pk, revoked_at=None).update(revoked_at=Now())
    stands.refresh_from_db()
    return stands


def hash_api_key(secret: str) -> str:
    """As `private.admit_key` looks it up."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _require_person(org_id: UUID, role: str, actor: Actor) -> None:
    """A stolen key must not be able to make itself a successor."""
    if actor.pk is None:
        raise NotAllowed(NOT_PERSONS, "person-needed")
    require_authority(actor, org_id, *([role] if role in ROLES else []))


def is_key_name(name: str) -> bool:
    """Whether a key may be called so: people tell keys apart by it, in lists and in the log."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable()


def _find_faults(name: str, role: str, expires_at: datetime | None) -> Iterator[tuple[str, str]]:
    """What the database would refuse, or never let act."""
    if not is_key_name(name):
        yield "name", BAD_NAME
    if role not in ROLES:
        yield "role", "An API key is an admin or a member."
    if expires_at is not None and expires_at <= timezone.now():
        yield "expires_at", "This time is over already."
