"""Workspaces organize an organization's stores and people; they do not restrict what members see."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from tenants.constraints import CompositeForeignKey
from tenants.fields import OrgForeignKey
from tenants.models.base import OrgModel


class Workspace(OrgModel):
    """A part of an organization."""

    access = "workspaces"

    name = models.TextField()

    class Meta:
        db_table = "workspaces"
        db_table_comment = "Parts of an organization; every organization begins with one."
        ordering: ClassVar = ["-org_id", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="workspaces_name_given"),
            models.UniqueConstraint(fields=["org", "name"], name="workspaces_name"),
        ]

    def __str__(self) -> str:
        return self.name


class WorkspaceRole(models.TextChoices):
    """What a person is to a workspace."""

    MANAGER = "manager"
    MEMBER = "member"


class WorkspaceMember(OrgModel):
    """A member of the organization who works in a workspace; gone with the membership."""

    workspace = OrgForeignKey(Workspace, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    role = models.TextField(choices=WorkspaceRole, db_default=WorkspaceRole.MEMBER, default=WorkspaceRole.MEMBER)

    class Meta:
        db_table = "workspace_members"
        db_table_comment = "Which members work in which workspace."
        ordering: ClassVar = ["-org_id", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(role__in=WorkspaceRole.values), name="workspace_members_role"),
            models.UniqueConstraint(
                fields=["org", "workspace", "user"],
                name="workspace_members_person",
                violation_error_message="This person is in the workspace already.",
            ),
            CompositeForeignKey(
                name="fk_workspace_members_org_member",
                columns=("org_id", "user_id"),
                to="tenants.orgmember",
                to_columns=("org_id", "user_id"),
                on_delete="CASCADE",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["org", "user"], name="idx_workspace_members_person")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
