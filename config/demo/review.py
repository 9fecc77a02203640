"""Building what the access review shows: DSOs, the access people should have, and a wrong row of every kind."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from accounts.models import User
from accounts.review.looking import GRANTED, Window, look_for_findings
from config.demo.world import DEMO_ORG, ORGS, demo_domains
from tenants.models import Dso, MemberState, Organization, OrgMember, Role, UserDsoAccess

SEED = 20260227
# By slug; the first names are also how this part is recognized.
DSOS = {
    "brightwater-stores": ("Lakeshore Dental Group", "Harbor Smiles", "Northgate Dental", "River Dental Partners"),
    "all-solutions-consulting": (
        "Parkway Dental Partners",
        "Maple Family Dental",
        "Westside Orthodontics",
        "Downtown Smiles",
        "Riverside Dental Care",
    ),
}
OUTSIDER_DOMAIN = "meridian.test"
NEVER_CAME = 2


def review_stands() -> bool:
    return Dso.objects.filter(name__in=[names[0] for names in DSOS.values()]).exists()


def build_review() -> None:
    """The rows, then one look, so that the console has something to show."""
    random, now = Random(SEED), timezone.now()  # noqa: S311 - repeatable on purpose
    remember_sign_ins(random, now)
    bug = now - timedelta(days=12, hours=2)
    for org in Organization.objects.filter(slug__in=DSOS).order_by("slug"):
        dsos = Dso.objects.bulk_create(Dso(org=org, name=name) for name in DSOS[org.slug])
        UserDsoAccess.objects.bulk_create([*_right_rows(random, org, dsos, now), *_wrong_rows(org, dsos, now, bug)])
    _disable_somebody()
    look_for_findings()
    look_for_findings(names=[GRANTED], window=Window(since=bug, until=bug + timedelta(minutes=10)))


def remember_sign_ins(random: Random, now: datetime) -> None:
    """Everybody was here lately, but a few members of each organization, who never came."""
    domains = demo_domains()
    people = [user for user in User.objects.order_by("email_lower") if user.email.partition("@")[2] in domains]
    absent: set[object] = set()
    for plan in ORGS:
        old = now - timedelta(days=60)
        quiet = OrgMember.objects.filter(org__slug=plan.slug, role=Role.MEMBER, state=MemberState.ACTIVE)
        quiet = quiet.filter(user__email_lower__endswith=f"@{plan.domain}", joined_at__lt=old).order_by(
            "user__email_lower"
        )
        absent |= set(quiet.values_list("user_id", flat=True)[:NEVER_CAME])
    for user in people:
        user.last_login = None if user.pk in absent else now - timedelta(hours=random.randint(1, 900))
    User.objects.bulk_update(people, ["last_login"])


def _right_rows(random: Random, org: Organization, dsos: list[Dso], now: datetime) -> Iterator[UserDsoAccess]:
    """Members see a DSO or two, as their owner granted it."""
    for member in _members(org):
        for dso in random.sample(dsos, k=random.choice((1, 1, 2))):
            yield _row(org, member.user, dso, now - timedelta(days=random.randint(20, 200)), _owner(org))


def _wrong_rows(org: Organization, dsos: list[Dso], now: datetime, bug: datetime) -> Iterator[UserDsoAccess]:
    """One of every kind that the detectors know."""
    owner, members = _owner(org), _members(org)
    outsiders = User.objects.filter(email_lower__endswith=f"@{OUTSIDER_DOMAIN}").exclude(memberships__org=org)
    for minute, stranger in enumerate(outsiders.order_by("email_lower")[:2]):
        yield _row(org, stranger, dsos[minute], bug + timedelta(minutes=minute), owner)
    # The mistake that the first requirement cleans up: an invitation gave her all of them.
    for dso in dsos:
        yield _row(org, _named(org, members), dso, bug + timedelta(minutes=5), owner)
    twice = members[1].user
    for days in (40, 10):
        yield _row(org, twice, dsos[0], now - timedelta(days=days), owner)
    over = _row(org, members[2].user, dsos[1], now - timedelta(days=90), owner)
    over.expires_at = now - timedelta(days=30)
    yield over
    for leaver in OrgMember.objects.filter(org=org, state=MemberState.INACTIVE).select_related("user")[:2]:
        yield _row(org, leaver.user, dsos[2], now - timedelta(days=150), owner)


def _disable_somebody() -> None:
    """An account that was switched off, whose access was forgotten."""
    plan = next(plan for plan in ORGS if plan.id == DEMO_ORG)
    members = OrgMember.objects.filter(org=DEMO_ORG, role=Role.MEMBER, state=MemberState.ACTIVE)
    somebody = members.filter(user__email_lower__endswith=f"@{plan.domain}").order_by("user__email_lower").last()
    if somebody:
        User.objects.filter(pk=somebody.user_id).update(is_active=False)


def _members(org: Organization) -> list[OrgMember]:
    members = OrgMember.objects.filter(org=org, role=Role.MEMBER, state=MemberState.ACTIVE)
    return list(members.select_related("user").order_by("user__email_lower"))


def _named(org: Organization, members: list[OrgMember]) -> User:
    named = [member.user for member in members if member.user.email.startswith("valentina.")]
    return (named or [members[0].user])[0]


def _owner(org: Organization) -> User:
    return OrgMember.objects.filter(org=org, role=Role.OWNER).select_related("user").order_by("joined_at")[0].user


def _row(org: Organization, user: User, dso: Dso, granted_at: datetime, granter: User) -> UserDsoAccess:
    return UserDsoAccess(org=org, user=user, dso=dso, granted_at=granted_at, granted_by=granter, created_at=granted_at)
