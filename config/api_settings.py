"""Settings of the API: its framework, its description, who may call it from a browser, and how often."""

from typing import Any

from config.environment import Environment

env = Environment()

API_APPS = ["rest_framework", "corsheaders", "drf_spectacular", "drf_spectacular_sidecar"]

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["tenants.api.json.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["tenants.api.json.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tenants.api.json.OnlyJSON",
    "DEFAULT_SCHEMA_CLASS": "tenants.api.schema.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "tenants.api.problems.answer_exception",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# Browsers of these origins may call the API; tokens travel in a header, so cookies are not allowed along.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/(api/|\.well-known/)"
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "if-match", "x-request-id"]
CORS_EXPOSE_HEADERS = ["ETag", "Location", "Retry-After", "Idempotency-Replayed", "X-Request-ID"]

# Requests a minute; 0 counts nothing.
TENANTRY_REQUESTS_PER_MINUTE = {
    "person": env.int("TENANTRY_REQUESTS_PER_PERSON", 600),
    "org": env.int("TENANTRY_REQUESTS_PER_ORG", 6000),
    "address": env.int("TENANTRY_REQUESTS_PER_ADDRESS", 300),
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "Tenantry",
    "VERSION": "1",
    "DESCRIPTION": (
        "Everything belongs to one organization, the one that the token is for. What is another organization's is"
        " answered like what does not exist. Errors are problem details (RFC 9457). Lists come newest first, in pages"
        " that `next` and `previous` lead through."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": False, "displayRequestDuration": True},
    "COMPONENT_SPLIT_REQUEST": False,
    "COMPONENT_SPLIT_PATCH": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "SCHEMA_PATH_PREFIX": r"/api/",
    "SORT_OPERATIONS": True,
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "tenants.models.members.Role.choices",
        "ActivityTypeEnum": "tenants.models.activities.ActivityType.choices",
        "KeyRoleEnum": "tenants.models.api_keys.KEY_ROLES",
        "WorkspaceRoleEnum": "tenants.models.workspaces.WorkspaceRole.choices",
        "MemberStateEnum": "tenants.models.members.MemberState.choices",
        "InvitationStateEnum": "tenants.models.invitations.InvitationState.choices",
        "CustomerStatusEnum": "tenants.models.customers.CustomerStatus.choices",
        "OrganizationStatusEnum": "tenants.models.organizations.OrgStatus.choices",
        "ConnectionStatusEnum": "tenants.models.integrations.ConnectionStatus.choices",
        "OpenConnectionStatusEnum": "tenants.models.integrations.OPEN_STATUSES",
        "SyncStatusEnum": "tenants.models.sync_jobs.SyncStatus.choices",
    },
    "PATH_CONVERTER_OVERRIDES": {"key": {"type": "string", "format": "uuid"}},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tenants.api.schema.add_problems",
    ],
}
