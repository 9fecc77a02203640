"""Everybody who could speak to the database, from a member to nobody at all in each of the roles."""

from dataclasses import dataclass
from typing import Any

from postgres.roles import API, BATCH, SERVICE, STAFF
from tests.worlds import Worlds

# Who acts: surface, person on our side (None: the superuser), organization of the claims.
BOUND = {
    "member": ("api", "member", "ours"),
    "admin": ("api", "admin", "ours"),
    "owner": ("api", "owner", "ours"),
    "owner without an organization": ("api", "owner", None),
    "owner who asks for the other organization": ("api", "owner", "theirs"),
    "staff": ("console", "staff", "ours"),
    "staff without an organization": ("console", "staff", None),
    "staff who ask for the other organization": ("console", "staff", "theirs"),
    "superuser in our organization": ("console", None, "ours"),
}


def claims_of(actor: str, worlds: Worlds) -> tuple[str, dict[str, Any]]:
    """The surface and the claims with which one of these asks to be let in."""
    surface, person, org = BOUND[actor]
    user = worlds.ours.people[person] if person else worlds.superuser
    return surface, {"sub": user.pk, "org_id": getattr(worlds, org).org.pk if org else None}


@dataclass(frozen=True)
class Actor:
    """Somebody with verified claims, or with none (`surface` empty), in a role that need not be that of the claims."""

    name: str
    surface: str
    role: str
    bound: str = ""

    def claims(self, worlds: Worlds) -> dict[str, Any]:
        if self.bound:
            return claims_of(self.bound, worlds)[1]
        if self.surface == "console":
            return {"sub": worlds.superuser.pk, "all_orgs": True}
        return {"reason": "session"}


ROLES = {"api": API, "console": STAFF, "service": SERVICE}
EVERYBODY = (
    *(Actor(name, surface, ROLES[surface], bound=name) for name, (surface, _, _) in BOUND.items()),
    Actor("superuser in all organizations", "console", STAFF),
    Actor("service", "service", SERVICE),
    *(Actor(f"nobody as {role}", "", role) for role in (API, STAFF, SERVICE, BATCH)),
    Actor(f"owner as {STAFF}", "api", STAFF, bound="owner"),
    Actor(f"owner as {SERVICE}", "api", SERVICE, bound="owner"),
    Actor(f"superuser as {SERVICE}", "console", SERVICE),
    Actor(f"superuser as {API}", "console", API),
    Actor(f"service as {STAFF}", "service", STAFF),
    Actor(f"service as {API}", "service", API),
)
