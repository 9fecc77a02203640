"""The console's screens of the middle floor, one concept a module."""

from tenants.admin.activities import ActivityAdmin
from tenants.admin.ai_usage import AiUsageAdmin
from tenants.admin.api_keys import ApiKeyAdmin
from tenants.admin.conversions import ConversionAdmin
from tenants.admin.customers import CustomerAdmin
from tenants.admin.doctor_runs import DoctorRunAdmin
from tenants.admin.doctors import DoctorAdmin
from tenants.admin.dso_access import UserDsoAccessAdmin
from tenants.admin.dsos import DsoAdmin
from tenants.admin.integrations import IntegrationConnectionAdmin
from tenants.admin.invitations import InvitationAdmin
from tenants.admin.members import OrgMemberAdmin
from tenants.admin.metrics import MetricDefinitionAdmin, MetricEventAdmin
from tenants.admin.organizations import OrganizationAdmin
from tenants.admin.quarantine import QuarantinedRowAdmin
from tenants.admin.revenue import RevenueAdmin
from tenants.admin.stores import StoreAdmin
from tenants.admin.sync_jobs import SyncJobAdmin
from tenants.admin.workspaces import WorkspaceAdmin

__all__ = [
    "ActivityAdmin",
    "AiUsageAdmin",
    "ApiKeyAdmin",
    "ConversionAdmin",
    "CustomerAdmin",
    "DoctorAdmin",
    "DoctorRunAdmin",
    "DsoAdmin",
    "IntegrationConnectionAdmin",
    "InvitationAdmin",
    "MetricDefinitionAdmin",
    "MetricEventAdmin",
    "OrgMemberAdmin",
    "OrganizationAdmin",
    "QuarantinedRowAdmin",
    "RevenueAdmin",
    "StoreAdmin",
    "SyncJobAdmin",
    "UserDsoAccessAdmin",
    "WorkspaceAdmin",
]
