"""Who one is, which organization one acts for, and where one is signed in."""

from typing import Any
from uuid import UUID

from django.db import connection
from rest_framework import serializers
from rest_framework.response import Response

from accounts.active_org import set_active_org
from accounts.models import User, UserSession
from accounts.tokens.access import mint_access_token
from accounts.tokens.sessions import end_session, list_sessions
from tenants.api.base import ApiView, ask
from tenants.api.fields import IdField, field_for, make_serializer
from tenants.api.filters import Query
from tenants.api.pages import page
from tenants.models import Role

COLUMNS = ("id", "method", "ip", "user_agent", "last_used_at", "expires_at", "created_at")
ACTIVE = "select get_user_active_org(%s)"
MEMBERSHIPS = "select org_id, slug, name, role from auth_memberships()"


class Membership(serializers.Serializer[Any]):
    """An organization in which the person is active."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class WhoIsIt(serializers.Serializer[Any]):
    """The person behind the token."""

    userId = serializers.UUIDField()  # noqa: N815 - the contract of these two endpoints
    email = serializers.EmailField()
    activeOrgId = serializers.UUIDField(allow_null=True)  # noqa: N815
    role = serializers.ChoiceField(choices=Role.choices, allow_null=True)
    organizations = Membership(many=True)


class Choice(serializers.Serializer[Any]):
    """The organization to act for."""

    organizationId = IdField()  # noqa: N815


class Chosen(serializers.Serializer[Any]):
    """What was chosen, and an access token for it."""

    success = serializers.BooleanField()
    activeOrgId = serializers.UUIDField()  # noqa: N815
    access = serializers.CharField()


class SessionView(ApiView):
    """In the service role: these reach beyond the token's organization, to the person's own rows only."""

    needs_org = False
    unmatched = ("destroy",)
    in_service = {
        "validate_token": "validate",
        "choose": "set active organization",
        "list": "list sessions",
        "destroy": "end session",
    }
    bodies = {"choose": Choice}
    answers = {"validate_token": (200, WhoIsIt), "choose": (200, Chosen)}
    query = Query({}, ("user_agent",))
    reading = make_serializer(
        "Session",
        {
            **{c.attname: field_for(c, read_only=True) for c in UserSession._meta.concrete_fields if c.name in COLUMNS},
            "current": serializers.BooleanField(help_text="Whether it is the one of this request."),
        },
        "A sign-in on one device.",
    )

    def validate_token(self, request: Any) -> Response:
        """Who the token is for, and where they are active."""
        person = self.actor.pk
        email = User.objects.filter(pk=person).values_list("email", flat=True).get()
        active = ask(ACTIVE, [person])
        with connection.cursor() as cursor:
            cursor.execute(MEMBERSHIPS)
            orgs = [dict(zip(("id", "slug", "name", "role"), row, strict=True)) for row in cursor.fetchall()]
        role = next((org["role"] for org in orgs if org["id"] == active), None)
        return Response({"userId": person, "email": email, "activeOrgId": active, "role": role, "organizations": orgs})

    def choose(self, request: Any) -> Response:
        """Act for another organization from now on, on all devices: the next token of each is for it."""
        chosen = set_active_org(self.actor, self.validate(Choice)["organizationId"], actor=self.actor)
        session_id: Any = self.caller.bearer.session_id
        access = mint_access_token(self.actor.pk, session_id, method="set_active_org")
        return Response({"success": True, "activeOrgId": chosen, "access": access})

    def list(self, request: Any) -> Response:
        """Where one is signed in."""
        rows = self.query.apply(list_sessions(self.actor).values(*COLUMNS), request.query_params)
        response = page(request, rows, self.query)
        for row in response.data["results"]:
            row["current"] = row["id"] == str(self.caller.bearer.session_id)
        return response

    def destroy(self, request: Any, session_id: UUID) -> Response:
        """Sign out there; its tokens end with it, at once."""
        end_session(self.actor, session_id)
        return Response(status=204)
