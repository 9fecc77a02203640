"""Organizations: one's own listed and founded; the token's read, changed, handed over, left, deleted and restored."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import User
from tenants.api.base import ApiView
from tenants.api.etags import require_match
from tenants.api.fields import LONGEST_INDEXED, IdField, ObjectField, TextField, reading_serializer
from tenants.api.filters import Query
from tenants.api.idempotency import idempotent
from tenants.api.pages import page
from tenants.lifecycle import create_organization, delete_organization, restore_organization
from tenants.membership import remove_member, transfer_ownership
from tenants.models import MemberState, Organization, OrgMember, OrgStatus, Role

COLUMNS = (
    "id",
    "slug",
    "name",
    "status",
    "deleting_since",
    "plan_tier",
    "feature_flags",
    "white_label_config",
    "created_by_id",
    "created_at",
    "updated_at",
)
MISSING_HEIR = "There is no such member in this organization."


class OrganizationWrite(serializers.Serializer[Any]):
    """What a new organization is called; a slug is made from the name where none is given."""

    name = TextField(max_length=LONGEST_INDEXED)
    slug = TextField(max_length=63, required=False)


class OrganizationChange(OrganizationWrite):
    """What admins and owners change of it."""

    white_label_config = ObjectField(required=False)


class OwnOrganization(serializers.Serializer[Any]):
    """One's place in an organization."""

    id = serializers.UUIDField(help_text="The organization's.")
    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=OrgStatus.choices)
    role = serializers.ChoiceField(choices=Role.choices)
    joined_at = serializers.DateTimeField()


class Heir(serializers.Serializer[Any]):
    """Who is to be the owner."""

    user_id = IdField()


class NewOwner(Heir):
    """Who is the owner now."""

    role = serializers.ChoiceField(choices=Role.choices)


class OrganizationView(ApiView):
    """The list is of all one's own; everything else is of the organization that the token is for."""

    needs_person = ("list", "create", "destroy", "restore", "transfer_ownership", "leave")
    roles = {"partial_update": Role.ADMIN, "destroy": Role.OWNER, "transfer_ownership": Role.OWNER}
    in_service = {"list": "list organizations", "create": "create organization", "restore": "restore organization"}
    query = Query({}, ("name", "slug"))
    reading = reading_serializer(Organization)
    writing = OrganizationWrite
    changing = OrganizationChange
    listing = OwnOrganization
    bodies = {"transfer_ownership": Heir}
    answers = {"transfer_ownership": (200, NewOwner)}

    def list(self, request: Any, **kwargs: Any) -> Response:
        """Those in which one is active, suspended and deleting ones included."""
        own = OrgMember.objects.filter(user_id=self.actor.pk, state=MemberState.ACTIVE)
        named = {name: F(f"org__{name}") for name in ("slug", "name", "status")}
        rows = self.query.apply(own.order_by().annotate(**named), request.query_params)
        response = page(request, rows.values("id", "org_id", *named, "role", "joined_at"), self.query)
        for row in response.data["results"]:
            row["id"] = row.pop("org_id")
        return response

    @idempotent
    def create(self, request: Any, **kwargs: Any) -> Response:
        """Found one, with a first workspace; the caller is its owner."""
        said = self.validate(OrganizationWrite)
        org = create_organization(said["name"], slug=said.get("slug"), actor=self.actor)
        response = self.one(self.rows().get(pk=org.pk), 201)
        response["Location"] = request.build_absolute_uri(f"{request.path}{org.pk}/")
        return response

    def retrieve(self, request: Any, org_id: UUID, **kwargs: Any) -> Response:
        return self.one(self.find(org_id))

    def partial_update(self, request: Any, org_id: UUID, **kwargs: Any) -> Response:
        row = self.find(org_id, lock=True)
        require_match(request, row)
        checked = OrganizationChange(data=request.data, partial=True)
        checked.is_valid(raise_exception=True)
        changes = dict(checked.validated_data)
        if slug := changes.get("slug"):
            Organization._meta.get_field("slug").run_validators(slug)
        if changes:
            Organization.objects.filter(pk=org_id).update(**changes)
        return self.one(self.find(org_id))

    def destroy(self, request: Any, org_id: UUID, **kwargs: Any) -> Response:
        """Close it at once; within the grace period its owner can restore it."""
        require_match(request, self.find(org_id))
        delete_organization(self.org, actor=self.actor)
        return Response(status=204)

    def restore(self, request: Any, org_id: UUID, **kwargs: Any) -> Response:
        """Undo the deletion; in the service role, for no token is for an organization that is being deleted."""
        own = OrgMember.objects.filter(org_id=org_id, user_id=self.actor.pk, state=MemberState.ACTIVE)
        if not own.exists():
            raise Http404
        restore_organization(Organization(pk=org_id), actor=self.actor)
        return self.one(self.rows().get(pk=org_id))

    def transfer_ownership(self, request: Any, org_id: UUID, **kwargs: Any) -> Response:
        """Make another active member the owner; the caller is an admin from then on."""
        self.find(org_id)
        heir = self.validate(Heir)["user_id"]
        if not OrgMember.objects.filter(user_id=heir).exists():
            raise serializers.ValidationError({"user_id": [MISSING_HEIR]})
        member = transfer_ownership(self.org, to=User(pk=heir), actor=self.actor)
        return Response({"user_id": member.user_id, "role": member.role})

    def leave(self, request: Any, org_id: UUID, **kwargs: Any) -> Response:
        """Go; the last owner cannot."""
        self.find(org_id)
        own = OrgMember.objects.filter(user_id=self.actor.pk).first()
        if own is None:
            raise Http404
        remove_member(own, actor=self.actor)
        return Response(status=204)

    def rows(self) -> QuerySet[Any, Any]:
        rows: QuerySet[Any, Any] = Organization.objects.order_by().values(*COLUMNS)
        return rows

    def find(self, org_id: UUID, *, lock: bool = False) -> dict[str, Any]:
        """The token's own, or nothing."""
        rows = self.rows().filter(pk=org_id)
        row = (rows.select_for_update() if lock else rows).first()
        if row is None:
            raise Http404
        return dict(row)
