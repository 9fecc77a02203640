"""The console's screens of the middle floor, one concept a module."""

from tenants.admin.invitations import InvitationAdmin
from tenants.admin.members import OrgMemberAdmin
from tenants.admin.organizations import OrganizationAdmin
from tenants.admin.stores import StoreAdmin
from tenants.admin.workspaces import WorkspaceAdmin

__all__ = ["InvitationAdmin", "OrgMemberAdmin", "OrganizationAdmin", "StoreAdmin", "WorkspaceAdmin"]
