"""The one place where a request's scope is entered: whoever it says it is from is believed here, or nobody."""

from dataclasses import dataclass
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from structlog.contextvars import bind_contextvars

from accounts.models import User
from accounts.throttle import network_of
from accounts.tokens.bearer import Bearer, BearerInvalid, read_bearer
from accounts.visitors import read_visitor, request_id_of
from tenants.api.problems import ApiProblem
from tenants.api.throttles import allow
from tenants.api_keys import KeyActor
from tenants.scope import Scope, request_scope

PERSON_NEEDED = "An API key is no person; this is for people."


@dataclass(frozen=True)
class Caller:
    """Whom the request turned out to be from; `actor` is what verbs want."""

    bearer: Bearer
    scope: Scope
    actor: Any

    @property
    def is_authenticated(self) -> bool:
        return True


class BearerAuthentication(BaseAuthentication):
    """A person's access token, or an API key."""

    def authenticate(self, request: Any) -> tuple[Any, Bearer]:
        view = request.parser_context["view"]
        try:
            bearer = read_bearer(request.META.get("HTTP_AUTHORIZATION", ""))
        except BearerInvalid:
            allow("address", network_of(read_visitor(request)))
            raise NotAuthenticated() from None
        count(bearer)
        return admit(view, bearer, request_id_of(request)), bearer

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="tenantry"'


def count(bearer: Bearer) -> None:
    """Before anything is asked of the database; a token is signed, so its claims name the one to count."""
    allow("person", str(bearer.user_id or bearer.claims.get("api_key_hash")))
    if bearer.claims.get("org_id"):
        allow("org", str(bearer.claims["org_id"]))


def admit(view: Any, bearer: Bearer, request_id: str) -> Caller:
    """Begin the request's transaction and enter the scope, in one message; it lasts until the view has answered."""
    reason = view.service_reason()
    if reason:
        if bearer.is_key:
            raise ApiProblem(403, PERSON_NEEDED, "person-needed")
        entering = request_scope("service", reason=reason, request_id=request_id, **bearer.identity)
    else:
        entering = request_scope("api", request_id=request_id, **bearer.claims)
    scope = view.stack.enter_context(entering)
    # Not read from `users`: whom the scope let in is who it is.
    view.scope = scope
    bind_contextvars(actor=str(bearer.user_id or scope.claims.get("api_key_id")), org_id=str(scope.org_id or ""))
    return Caller(bearer, scope, KeyActor() if bearer.is_key else User(pk=bearer.user_id))
