"""What every endpoint inherits: one transaction with one scope, roles, ETags, and answers that nobody stores."""

from contextlib import ExitStack
from typing import Any, ClassVar
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.http import HttpResponseBase
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.throttle import network_of
from accounts.visitors import read_visitor
from tenants.api.authentication import PERSON_NEEDED, BearerAuthentication, Caller
from tenants.api.etags import etag_of
from tenants.api.problems import ApiProblem
from tenants.api.throttles import allow
from tenants.models import Organization, Role
from tenants.scope import Scope

NO_ORG = "This token is for no organization in which you are active now; choose one with /api/auth/set-active-org."
TOO_LOW = "Only {} of this organization can do this; your role is {}."
WHO = {Role.OWNER: "owners", Role.ADMIN: "admins and owners"}


class ApiView(ViewSet):
    """Attributes say, by action, what an endpoint needs."""

    authentication_classes: Any = (BearerAuthentication,)
    permission_classes = ()
    throttle_classes = ()
    # Preflights are answered before they come here; else there is nothing to tell.
    http_method_names = [name for name in ViewSet.http_method_names if name != "options"]
    # Whether the endpoint is about the organization that the token is for.
    needs_org: ClassVar[bool] = True
    # Actions that only people may ask for, which an API key is not.
    needs_person: ClassVar[bool | tuple[str, ...]] = False
    # What acts beside a person's organization runs in the service role, with this reason in the log.
    in_service: ClassVar[dict[str, str]] = {}
    # The least role by action; whoever is active may do the rest.
    roles: ClassVar[dict[str, Role]] = {}

    # Actions that change what is named by an address, but know no state to compare with If-Match.
    unmatched: ClassVar[tuple[str, ...]] = ()
    stack: ExitStack
    scope: Scope | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            with ExitStack() as self.stack:
                response = super().dispatch(request, *args, **kwargs)
                if response.status_code >= 400 and self.scope:
                    transaction.set_rollback(True)
        except DatabaseError as error:
            # The end of the transaction: a connection that was lost, mostly.
            self.headers = self.default_response_headers
            response = self.finalize_response(self.request, self.handle_exception(error), *args, **kwargs)
        return response

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.authentication_classes:
            allow("address", network_of(read_visitor(request)))
            return
        self.check_caller(self.caller)

    def check_caller(self, caller: Caller) -> None:
        """What the scope must be for this action."""
        people_only = self.needs_person
        if caller.bearer.is_key and (people_only is True or (people_only and self.action in people_only)):
            raise ApiProblem(403, PERSON_NEEDED, "person-needed")
        if not self.needs_org or self.service_reason():
            return
        if caller.scope.org_id is None:
            raise ApiProblem(403, NO_ORG, "no-active-organization")
        needed = self.roles.get(self.action or "", Role.MEMBER)
        held = Role(caller.scope.role or Role.MEMBER)
        if held.rank < needed.rank:
            raise ApiProblem(403, TOO_LOW.format(WHO[needed], held.value), "role-too-low")

    def service_reason(self) -> str:
        """The reason of a service scope, or nothing where the endpoint acts as the caller."""
        return self.in_service.get(self.action or "", "")

    @property
    def caller(self) -> Caller:
        caller: Any = self.request.user
        return caller  # type: ignore[no-any-return]

    @property
    def actor(self) -> Any:
        return self.caller.actor

    @property
    def org(self) -> Organization:
        """The organization of the request, as verbs take it; nothing but its id was read."""
        return Organization(pk=self.caller.scope.org_id)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def validate(self, serializer: Any, data: Any = None) -> dict[str, Any]:
        """What the body says, once it can be used."""
        checked = serializer(data=self.request.data if data is None else data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def one(self, row: dict[str, Any], status: int = 200) -> Response:
        """One thing, with its ETag."""
        return Response(row, status=status, headers={"ETag": etag_of(row)})


class OpenView(ApiView):
    """For nobody in particular: signing in and its neighbours; their verbs open transactions of their own."""

    authentication_classes = ()
    needs_org = False


def parse_id(value: Any) -> UUID:
    """An id that came through the address."""
    return value if isinstance(value, UUID) else UUID(str(value))


def ask(statement: str, values: list[Any] | None = None) -> Any:
    """The one value that a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
        return row[0] if row else None
