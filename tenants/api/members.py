"""Members of the token's organization: shown with their profile; changed by the verbs."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import UserProfile
from tenants.api.etags import require_match
from tenants.api.fields import columns_of, field_for, make_serializer
from tenants.api.filters import query_of
from tenants.api.org_rows import OrgRows
from tenants.membership import change_role, deactivate_member, reactivate_member, remove_member
from tenants.models import OrgMember, Role

PROFILE = ("email", "full_name")


class RoleChange(serializers.Serializer[Any]):
    """The one thing about a member that is changed by hand."""

    role = serializers.ChoiceField(choices=Role.choices)


class MemberView(OrgRows):
    """Who is in the organization; the verbs decide who may do what to whom."""

    model = OrgMember
    query = query_of(OrgMember, ("profile_email", "profile_full_name"))
    reading = make_serializer(
        "Member",
        {
            **{c.attname: field_for(c, read_only=True, allow_null=c.null) for c in columns_of(OrgMember)},
            **{name: serializers.CharField(read_only=True) for name in PROFILE},
        },
        OrgMember.__doc__ or "",
    )
    changing = RoleChange

    def rows(self) -> QuerySet[Any, Any]:
        """One query: people's own rows are not to be joined, their profiles are."""
        profile = UserProfile.objects.filter(user_id=OuterRef("user_id"))
        shown = {f"profile_{name}": Subquery(profile.values(name)) for name in PROFILE}
        columns = (c.attname for c in columns_of(OrgMember))
        rows: QuerySet[Any, Any] = OrgMember.objects.order_by().annotate(**shown).values(*columns, *shown)
        return rows

    def list(self, request: Any, **kwargs: Any) -> Response:
        response = super().list(request)
        response.data["results"] = [_with_profile(row) for row in response.data["results"]]
        return response

    def find(self, row_id: UUID, *, lock: bool = False) -> dict[str, Any]:
        # Never locked: its verbs change a row only as long as it is the one they judged.
        return _with_profile(super().find(row_id))

    def partial_update(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        require_match(request, self.find(row_id))
        change_role(self.member(row_id), role=self.validate(RoleChange)["role"], actor=self.actor)
        return self.one(self.find(row_id))

    def deactivate(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Shut a member out; the role is kept for their return."""
        self.find(row_id)
        deactivate_member(self.member(row_id), actor=self.actor)
        return self.one(self.find(row_id))

    def reactivate(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Let an inactive member in again."""
        self.find(row_id)
        reactivate_member(self.member(row_id), actor=self.actor)
        return self.one(self.find(row_id))

    def destroy(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Take a member out; anybody may leave by themselves."""
        require_match(request, self.find(row_id))
        remove_member(self.member(row_id), actor=self.actor)
        return Response(status=204)

    def member(self, row_id: UUID) -> OrgMember:
        return OrgMember(pk=row_id, org_id=self.org.pk)


def _with_profile(row: dict[str, Any]) -> dict[str, Any]:
    """Under the names that a profile has; a person without one was made by hand."""
    return {k.removeprefix("profile_"): v if v is not None or k not in NAMES else "" for k, v in row.items()}


NAMES = {f"profile_{name}" for name in PROFILE}
