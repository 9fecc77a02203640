"""Building the demo's people: each enters the organization they are provisioned for, then gets role, state and past."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from uuid import UUID

from django.db import connection

from accounts.models import Theme, User, UserPreferences, UserProfile
from config.demo.names import draw_names, make_email
from config.demo.world import ORGS, SIGN_INS, OrgPlan
from tenants.models import MemberState, OrgMember, Role

# Of ten people who are neither named nor leading: one has not accepted yet, one has left.
STATES = (MemberState.PENDING, MemberState.INACTIVE, *[MemberState.ACTIVE] * 8)


@dataclass(frozen=True)
class Person:
    """Somebody who is about to exist."""

    email: str
    full_name: str
    since: datetime
    role: str = Role.MEMBER
    state: str = MemberState.ACTIVE
    is_staff: bool = False
    is_superuser: bool = False


def plan_people(random: Random, now: datetime) -> dict[str, list[Person]]:
    """Everybody by the slug of their organization, the owner first; '' holds who belongs to none."""
    names = iter(draw_names(random, sum(org.people for org in ORGS)))
    people = {org.slug: _plan_org(random, now, org, names) for org in ORGS}
    plans = {org.id: org for org in ORGS if org.id}
    for who in SIGN_INS:
        plan = plans.get(who.org_id) if who.org_id else None
        person = Person(
            who.email,
            who.full_name,
            now - timedelta(days=plan.age_days if plan else 600),
            role=who.role,
            is_staff=who.is_staff,
            is_superuser=who.is_superuser,
        )
        people.setdefault(plan.slug if plan else "", []).insert(0, person)
    return people


def _plan_org(random: Random, now: datetime, org: OrgPlan, names: Iterator[str]) -> list[Person]:
    drawn = [(name, "") for name in islice(names, org.people - len(org.named))]
    people = []
    for place, (full_name, named_role) in enumerate([*org.named, *drawn]):
        role = named_role or _role_at(place, org)
        settled = bool(named_role) or role != Role.MEMBER
        days = org.age_days if place == 0 else random.randint(1, org.age_days - 1)
        people.append(
            Person(
                make_email(full_name, org.domain),
                full_name,
                now - timedelta(days=days) + timedelta(minutes=random.randint(0, 600)),
                role=role,
                state=MemberState.ACTIVE if settled else random.choice(STATES),
            )
        )
    return people


def _role_at(place: int, org: OrgPlan) -> str:
    if place == 0:
        return Role.OWNER
    return Role.ADMIN if place <= org.admins else Role.MEMBER


def make_people(people: Iterable[Person], org_id: UUID | None, password: str) -> list[User]:
    """Insert people into one organization; `password` is a hash, computed once for all of them."""
    planned = {person.email: person for person in people}
    with connection.cursor() as cursor:
        cursor.execute("select set_config('tenantry.provision', %s, true)", [f"org:{org_id}" if org_id else ""])
        users = User.objects.bulk_create(_new_user(person, password) for person in planned.values())
        cursor.execute("select set_config('tenantry.provision', '', true)")
    _name_profiles(users, planned)
    if org_id:
        _place_members(users, planned, org_id)
    return users


def _new_user(person: Person, password: str) -> User:
    return User(
        email=person.email,
        password=password,
        is_staff=person.is_staff,
        is_superuser=person.is_superuser,
        created_at=person.since,
        email_verified_at=person.since,
        is_active=True,
    )


def _name_profiles(users: list[User], planned: dict[str, Person]) -> None:
    profiles = [UserProfile(user_id=user.pk, full_name=planned[user.email].full_name) for user in users]
    UserProfile.objects.bulk_update(profiles, ["full_name"])
    UserPreferences.objects.filter(user_id__in=[user.pk for user in users[::3]]).update(theme_preference=Theme.DARK)


def _place_members(users: list[User], planned: dict[str, Person], org_id: UUID) -> None:
    """The database made everybody an active member as of now; they have roles, states and a past instead."""
    emails = {user.pk: user.email for user in users}
    members = list(OrgMember.objects.filter(org_id=org_id, user_id__in=emails))
    for member in members:
        person = planned[emails[member.user_id]]
        member.role, member.state = person.role, person.state
        member.joined_at = None if person.state == MemberState.PENDING else person.since
        member.created_at = person.since
    OrgMember.objects.bulk_update(members, ["role", "state", "joined_at", "created_at"])
