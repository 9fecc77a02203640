"""What a person's token would say, without issuing one: the hook of this database is asked, and nothing is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.errors import TokenDenied
from accounts.models import User
from accounts.tokens.access import base_claims
from accounts.tokens.hook import HookBroken, compute_claims
from tenants.authority import Actor
from tenants.verbs import as_service

NO_SESSION = "of the sign-in"


@dataclass(frozen=True)
class Preview:
    """The claims of a token for one organization, or why there would be none; `is_next`: the next one is this."""

    org_id: UUID
    claims: dict[str, Any] = field(default_factory=dict)
    refusal: str = ""
    is_next: bool = False


def preview_tokens(user: User, org_ids: Iterable[UUID], *, actor: Actor) -> list[Preview]:
    """One for each organization, as if the person had chosen it."""
    with as_service("preview token", actor):
        claims, _ = _ask(user)
        return [_preview(user, org_id, claims.get("org_id")) for org_id in org_ids]


def _preview(user: User, org_id: UUID, next_org: str | None) -> Preview:
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(active_org=org_id)
        claims, refusal = _ask(user)
        # The choice was only for the question; the log's rows about it go with it.
        transaction.set_rollback(True)
    if claims and claims.get("org_id") != str(org_id):
        refusal = "No token is for this organization: the person is no active member of it, or it is not open."
    return Preview(org_id, {} if refusal else claims, refusal, next_org == str(org_id))


def _ask(user: User) -> tuple[dict[str, Any], str]:
    try:
        return compute_claims(user.pk, base_claims(user.pk, NO_SESSION), "token_refresh"), ""
    except TokenDenied as denied:
        return {}, denied.sentence
    except HookBroken as broken:
        return {}, f"{broken}; sign-in fails for everybody."
