"""The models of the middle floor, one concept a module."""

import tenants.checks  # noqa: F401 - its checks register themselves
from tenants.models.activities import Activity, ActivityType
from tenants.models.ai_usage import AiUsage
from tenants.models.api_keys import ApiKey
from tenants.models.base import OrgModel
from tenants.models.conversion_changes import ConversionChange
from tenants.models.conversion_requests import Asked, ConversionRequest
from tenants.models.conversions import (
    Conversion,
    ConversionShare,
    ConversionState,
    ConversionTable,
    ConversionWorker,
    Phase,
    ShareState,
    TableState,
)
from tenants.models.customers import Customer, CustomerStatus
from tenants.models.doctor_runs import DoctorRun
from tenants.models.doctors import Doctor
from tenants.models.dso_access import UserDsoAccess
from tenants.models.dsos import Dso
from tenants.models.integrations import ConnectionStatus, IntegrationConnection
from tenants.models.invitations import Invitation, InvitationState
from tenants.models.members import MemberState, OrgMember, Role
from tenants.models.metrics import Aggregation, MetricDefinition, MetricEvent
from tenants.models.organizations import Organization, OrgStatus, PlanTier
from tenants.models.quarantine import QuarantinedRow, QuarantineReason
from tenants.models.revenue import Revenue
from tenants.models.soft_delete import SoftDeleteModel
from tenants.models.stores import Store
from tenants.models.sync_jobs import SyncJob, SyncStatus
from tenants.models.workspaces import Workspace, WorkspaceMember, WorkspaceRole

__all__ = [
    "Activity",
    "ActivityType",
    "Aggregation",
    "AiUsage",
    "ApiKey",
    "Asked",
    "ConnectionStatus",
    "Conversion",
    "ConversionChange",
    "ConversionRequest",
    "ConversionShare",
    "ConversionState",
    "ConversionTable",
    "ConversionWorker",
    "Customer",
    "CustomerStatus",
    "Doctor",
    "DoctorRun",
    "Dso",
    "IntegrationConnection",
    "Invitation",
    "InvitationState",
    "MemberState",
    "MetricDefinition",
    "MetricEvent",
    "OrgMember",
    "OrgModel",
    "OrgStatus",
    "Organization",
    "Phase",
    "PlanTier",
    "QuarantineReason",
    "QuarantinedRow",
    "Revenue",
    "Role",
    "ShareState",
    "SoftDeleteModel",
    "Store",
    "SyncJob",
    "SyncStatus",
    "TableState",
    "UserDsoAccess",
    "Workspace",
    "WorkspaceMember",
    "WorkspaceRole",
]
