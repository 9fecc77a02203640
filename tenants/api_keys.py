"""API keys: machine clients of one organization; of the secret only a hash is kept."""

from dataclasses import dataclass
from datetime import datetime

from tenants.authority import Actor
from tenants.models import ApiKey, Organization


@dataclass(frozen=True)
class KeyActor:
    """A request that an API key made, where a verb asks for its actor: no person, the scope's role."""

    pk: None = None
    is_staff: bool = False
    is_superuser: bool = False


def create_api_key(
    org: Organization, name: str, *, role: str, expires_at: datetime | None = None, actor: Actor
) -> tuple[ApiKey, str]:
    """Make a key; returns the secret as well, which is shown once. Admins and owners who are people."""
    raise NotImplementedError


def revoke_api_key(key: ApiKey, *, actor: Actor) -> ApiKey:
    """End a key for good; again is no error."""
    raise NotImplementedError
