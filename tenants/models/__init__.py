"""The models of the middle floor, one concept a module."""

import tenants.checks  # noqa: F401 - its checks register themselves
from tenants.models.base import OrgModel
from tenants.models.invitations import Invitation, InvitationState
from tenants.models.members import MemberState, OrgMember, Role
from tenants.models.organizations import Organization, OrgStatus, PlanTier
from tenants.models.stores import Store
from tenants.models.workspaces import Workspace, WorkspaceMember, WorkspaceRole

__all__ = [
    "Invitation",
    "InvitationState",
    "MemberState",
    "OrgMember",
    "OrgModel",
    "OrgStatus",
    "Organization",
    "PlanTier",
    "Role",
    "Store",
    "Workspace",
    "WorkspaceMember",
    "WorkspaceRole",
]
