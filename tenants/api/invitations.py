"""Invitations: the link is shown once, in the answer that made it, and mailed; it cannot be read again."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from accounts.invitations import invite_by_mail, resend_by_mail
from tenants.api.fields import EmailField, TextField, columns_of, field_for, make_serializer, reading_serializer
from tenants.api.filters import query_of
from tenants.api.idempotency import idempotent
from tenants.api.org_rows import OrgRows, roles_of
from tenants.invitations import accept_invitation, revoke_invitation
from tenants.models import Invitation, Organization, OrgMember, Role

LINK = {"link": serializers.URLField(read_only=True, help_text="Shown this once; the mail holds it as well.")}


class InvitationWrite(serializers.Serializer[Any]):
    """Whom to ask in, and as what."""

    email = EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.MEMBER)


class Acceptance(serializers.Serializer[Any]):
    """What the link of the mail holds."""

    token = TextField(max_length=200)


class Joined(serializers.Serializer[Any]):
    """The organization that the caller is a member of now."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    joined_at = serializers.DateTimeField()


class InvitationView(OrgRows):
    """Who is asked in: admins and owners see and do this; never a role above their own."""

    model = Invitation
    query = query_of(Invitation)
    roles = {**roles_of(Invitation), "resend": Role.ADMIN, "revoke": Role.ADMIN}
    in_service = {"accept": "accept invitation"}
    needs_person = ("create", "resend", "accept")
    takes_many = False
    bodies = {"accept": Acceptance}
    reading = reading_serializer(Invitation)
    writing = InvitationWrite
    created = make_serializer(
        "InvitationWithLink",
        {**{c.attname: field_for(c, read_only=True, allow_null=c.null) for c in columns_of(Invitation)}, **LINK},
        "An invitation with the link that accepts it.",
    )

    answers = {"resend": (200, created), "accept": (200, Joined)}

    @idempotent
    def create(self, request: Any, **kwargs: Any) -> Response:
        """Invite an address; one at a time, for each is a mail."""
        said = self.validate(InvitationWrite)
        # Read, for its name stands in the mail.
        org = Organization.objects.get(pk=self.org.pk)
        invited = invite_by_mail(org, said["email"], role=said["role"], actor=self.actor)
        row = self.find(invited.invitation.pk)
        response = Response({**row, "link": invited.link}, status=201)
        response["Location"] = request.build_absolute_uri(f"{request.path}{row['id']}/")
        return response

    def resend(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Make and mail a new link; the old one is dead."""
        self.find(row_id)
        invitation = Invitation.objects.select_related("org").get(pk=row_id)
        invited = resend_by_mail(invitation, actor=self.actor)
        return Response({**self.find(row_id), "link": invited.link})

    def revoke(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Withdraw an invitation that nobody has accepted yet."""
        self.find(row_id)
        revoke_invitation(Invitation.objects.get(pk=row_id), actor=self.actor)
        return self.one(self.find(row_id))

    @idempotent
    def accept(self, request: Any, **kwargs: Any) -> Response:
        """Become a member; for the address that was asked in only. New people sign up with the token instead."""
        member: OrgMember = accept_invitation(self.validate(Acceptance)["token"], actor=self.actor)
        org = {"id": member.org_id, "slug": member.org.slug, "name": member.org.name}
        return Response({**org, "role": member.role, "joined_at": member.joined_at})
