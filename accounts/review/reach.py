"""How far the review reaches: the scope says which organizations, and who acts in which way."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import User
from tenants.errors import NotAllowed
from tenants.scope import Scope, current_scope, owner_scope, staff_scope
from tenants.verbs import as_service

JOB = "clean_access"
LOWEST, HIGHEST = UUID(int=0), UUID(int=2**128 - 1)
# Looks, decisions and cleanings take turns: rows are then locked in any order without a deadlock.
TAKE_TURN = "select pg_advisory_xact_lock(hashtext('tenantry access review'))"


def take_turn() -> None:
    """Wait for whoever reviews at this moment; until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURN)


def find_reach(org_id: UUID | None = None) -> UUID | None:
    """The one organization looked at, or None for all: what the scope reaches, narrowed to `org_id` where it is all."""
    scope = current_scope()
    if scope is None or scope.surface == "database":
        return org_id
    if scope.surface != "console" or not (scope.org_id or scope.all_orgs):
        raise NotAllowed("The access review is the console's and the commands'.")
    return scope.org_id or org_id


def bounds_of(org_id: UUID | None) -> dict[str, UUID]:
    """The same as a range, as the policies have it."""
    return {"low": org_id or LOWEST, "high": org_id or HIGHEST}


@contextmanager
def reading_people(actor: User | None) -> Iterator[None]:
    """Staff of one organization do not see people who are no members, and these are who is looked for."""
    scope = current_scope()
    in_console = scope is not None and scope.surface == "console"
    with as_service("access review", actor) if in_console and actor else nullcontext():
        yield


@contextmanager
def acting(actor: User | None, *, reason: str, batch_id: UUID) -> Iterator[None]:
    """What happens inside carries the reason and the batch into the log, beside who did it."""
    scope = current_scope()
    if scope is None or scope.surface == "database" or actor is None:
        with owner_scope(JOB, reason, batch_id=batch_id):
            yield
        return
    with staff_scope(actor.pk, scope.org_id, all_orgs=scope.all_orgs, **_told(scope, reason, batch_id)):
        yield


def _told(scope: Scope, reason: str, batch_id: UUID) -> dict[str, Any]:
    told = {"reason": reason, "batch_id": batch_id}
    return told | {k: scope.claims[k] for k in ("request_id", "impersonator") if k in scope.claims}


def name_actor(actor: User | None) -> str:
    """As the log names actors."""
    return f"user:{actor.pk}" if actor else f"system:{JOB}"
