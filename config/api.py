"""Where the API is reached: everything under /api/, and the public keys."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from accounts.api.profiles import PreferencesView, ProfileView
from accounts.api.sessions import SessionView
from accounts.api.sign_in import SignInView
from accounts.tokens.keys import jwks
from audit.api.log import LogView
from config.api_schema import docs, schema
from tenants.api.api_keys import ApiKeyView
from tenants.api.integrations import ConnectionView
from tenants.api.invitations import InvitationView
from tenants.api.members import MemberView
from tenants.api.metric_events import DefinitionView, MetricEventView
from tenants.api.metrics import MetricsView
from tenants.api.organizations import OrganizationView
from tenants.api.routes import generated_routes, route, table_routes
from tenants.api.sync_jobs import JobView
from tenants.api.workspaces import PlaceView

AUTH = {
    "signup": "signup",
    "verify-email": "verify_email",
    "verify-email/resend": "resend_verification",
    "token": "token",
    "refresh": "refresh",
    "logout": "logout",
    "password/reset": "request_reset",
    "password/reset/confirm": "confirm_reset",
    "password/change": "change_password",
}
ORGANIZATION_VERBS = {"restore": "restore", "transfer-ownership": "transfer_ownership", "leave": "leave"}


@require_safe
def published_keys(request: HttpRequest) -> JsonResponse:
    """The public keys of our tokens, for whoever verifies them."""
    response = JsonResponse(jwks())
    response["Cache-Control"] = "public, max-age=300"
    return response


def row_verbs(name: str, view: Any, *verbs: str) -> list[URLPattern]:
    """What is done to one row besides reading and changing it."""
    return [route(f"{name}/<key:row_id>/{verb}/", view, f"{name}-{verb}", post=verb) for verb in verbs]


api_routes: list[URLPattern] = [
    *(route(f"auth/{address}", SignInView, f"auth-{action}", post=action) for address, action in AUTH.items()),
    route("auth/validate", SessionView, "auth-validate", get="validate_token"),
    route("auth/set-active-org", SessionView, "auth-set-active-org", post="choose"),
    route("auth/sessions/", SessionView, "sessions", get="list"),
    route("auth/sessions/<key:session_id>/", SessionView, "sessions-row", delete="destroy"),
    route("organizations/", OrganizationView, "organizations", get="list", post="create"),
    route(
        "organizations/<key:org_id>/",
        OrganizationView,
        "organizations-row",
        get="retrieve",
        patch="partial_update",
        delete="destroy",
    ),
    *(
        route(f"organizations/<key:org_id>/{verb}/", OrganizationView, f"organizations-{verb}", post=action)
        for verb, action in ORGANIZATION_VERBS.items()
    ),
    route("members/", MemberView, "members", get="list"),
    route("members/<key:row_id>/", MemberView, "members-row", get="retrieve", patch="partial_update", delete="destroy"),
    *row_verbs("members", MemberView, "deactivate", "reactivate"),
    route("invitations/", InvitationView, "invitations", get="list", post="create"),
    route("invitations/accept/", InvitationView, "invitations-accept", post="accept"),
    route("invitations/<key:row_id>/", InvitationView, "invitations-row", get="retrieve"),
    *row_verbs("invitations", InvitationView, "resend", "revoke"),
    *generated_routes(),
    *table_routes("workspaces/<key:workspace_id>/members/", "workspace-members", PlaceView),
    route("api-keys/", ApiKeyView, "api-keys", get="list", post="create"),
    route(
        "api-keys/<key:row_id>/", ApiKeyView, "api-keys-row", get="retrieve", patch="partial_update", delete="destroy"
    ),
    *table_routes("integrations/", "integrations", ConnectionView),
    route(
        "integrations/<key:row_id>/credential/",
        ConnectionView,
        "integrations-credential",
        get="show_secret",
        put="store_secret",
        delete="revoke_secret",
    ),
    route("sync-jobs/", JobView, "sync-jobs", get="list", post="create"),
    route("sync-jobs/<key:row_id>/", JobView, "sync-jobs-row", get="retrieve"),
    *row_verbs("sync-jobs", JobView, "cancel"),
    route("metric-definitions/", DefinitionView, "metric-definitions", get="list"),
    route("metric-events/", MetricEventView, "metric-events", get="list", post="create"),
    route("metrics/", MetricsView, "metrics", get="series"),
    route("audit-logs/", LogView, "audit-logs", get="list"),
    route("profile/", ProfileView, "profile", get="retrieve", patch="partial_update", delete="destroy"),
    route("preferences/", PreferencesView, "preferences", get="retrieve", patch="partial_update"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", RedirectView.as_view(pattern_name="api-docs"), name="api-root"),
    path("api/", include(api_routes)),
    path("api/schema/", schema, name="api-schema"),
    path("api/docs/", docs, name="api-docs"),
    path(".well-known/jwks.json", published_keys, name="jwks"),
]
