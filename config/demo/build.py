"""Building the demo's organizations with everything in them; called once, inside one transaction."""

from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from config.demo.invitations import make_invitations
from config.demo.people import make_people, plan_people
from config.demo.world import ALSO_IN, DEMO_ORG, ORGS, PASSWORD, SIGN_INS, OrgPlan
from tenants.models import (
    MemberState,
    Organization,
    OrgMember,
    Store,
    Workspace,
    WorkspaceMember,
    WorkspaceRole,
)

SEED = 20260226
STAFF_GROUP = "Console staff"
# What console staff who are not superusers work with; logs and other people's accounts are to read only.
STAFF_CHANGES = (
    "organization",
    "orgmember",
    "invitation",
    "workspace",
    "workspacemember",
    "store",
    "userprofile",
    "customer",
    "revenue",
    "apikey",
    "integrationconnection",
)
STAFF_READS = (
    "user",
    "auditlog",
    "dso",
    "doctor",
    "userdsoaccess",
    "accessfinding",
    "cleaningbatch",
    "metricdefinition",
    "metricevent",
    "syncjob",
    "activity",
    "aiusage",
)
# The access review: sort findings, and remove what is wrong.
STAFF_REVIEWS = ("change_accessfinding", "delete_userdsoaccess", "delete_orgmember")
# Asking a sync job to end is all that there is to change about it.
STAFF_CANCELS = ("change_syncjob",)


def build_world() -> None:
    """Organizations, people, second memberships, workspaces, stores, invitations and the staff's permissions."""
    random, now = Random(SEED), timezone.now()  # noqa: S311 - repeatable on purpose
    password = make_password(PASSWORD)
    planned = plan_people(random, now)
    make_people(planned.pop("", []), None, password)
    for plan in ORGS:
        org = make_org(plan, now)
        users = make_people(planned[plan.slug], org.pk, password)
        Organization.objects.filter(pk=org.pk).update(created_by=users[0])
        User.objects.filter(pk__in=[user.pk for user in users]).update(active_org=org)
        make_workspaces(random, org, plan)
        make_invitations(random, org, plan, users[0], now)
    add_second_memberships(now)
    give_staff_permissions()


def make_org(plan: OrgPlan, now: datetime) -> Organization:
    """One organization, as old and in the state that its plan says."""
    identity = {"id": plan.id} if plan.id else {}
    return Organization.objects.create(
        **identity,
        slug=plan.slug,
        name=plan.name,
        plan_tier=plan.plan_tier,
        status=plan.status,
        deleting_since=now - timedelta(days=plan.deleting_days) if plan.deleting_days else None,
        created_at=now - timedelta(days=plan.age_days),
    )


def make_workspaces(random: Random, org: Organization, plan: OrgPlan) -> None:
    """Workspaces with their stores, and some of the active members in each."""
    workspaces = Workspace.objects.bulk_create(Workspace(org=org, name=name) for name in plan.workspaces)
    Store.objects.bulk_create(
        Store(org=org, workspace=workspace, name=name, timezone=plan.timezone)
        for workspace in workspaces
        for name in plan.workspaces[workspace.name]
    )
    active = list(OrgMember.objects.filter(org=org, state=MemberState.ACTIVE).order_by("joined_at", "id"))
    WorkspaceMember.objects.bulk_create(
        WorkspaceMember(
            org=org,
            workspace=workspace,
            user_id=member.user_id,
            role=WorkspaceRole.MANAGER if place == 0 else WorkspaceRole.MEMBER,
        )
        for workspace in workspaces
        for place, member in enumerate(random.sample(active, k=max(1, len(active) // 2)))
    )


def add_second_memberships(now: datetime) -> None:
    """People in more than one organization, as consultants and accountants are."""
    users = User.objects.in_bulk([also.email for also in ALSO_IN], field_name="email_lower")
    orgs = Organization.objects.in_bulk([also.slug for also in ALSO_IN], field_name="slug")
    OrgMember.objects.bulk_create(
        OrgMember(
            org=orgs[also.slug],
            user=users[also.email],
            role=also.role,
            state=also.state,
            joined_at=now - timedelta(days=20 + place),
        )
        for place, also in enumerate(ALSO_IN)
    )


def give_staff_permissions() -> None:
    """A group for console staff, the demo's staff person in it, working in the demo organization."""
    group, _ = Group.objects.get_or_create(name=STAFF_GROUP)
    group.permissions.set(_staff_permissions())
    staff = User.objects.filter(email_lower__in=[who.email for who in SIGN_INS if who.is_staff], is_superuser=False)
    for user in staff:
        user.groups.add(group)
    staff.update(console_org=DEMO_ORG)


def _staff_permissions() -> QuerySet[Permission]:
    working = [f"{verb}_{name}" for name in STAFF_CHANGES for verb in ("view", "add", "change")]
    reading = [f"view_{name}" for name in STAFF_READS]
    labels = ("tenants", "accounts", "audit")
    return Permission.objects.filter(
        content_type__app_label__in=labels, codename__in=[*working, *reading, *STAFF_REVIEWS, *STAFF_CANCELS]
    )
