"""Invitations: sent, sent again and withdrawn; never edited."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from accounts.invitations import invite_by_mail
from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column
from tenants.invitations import revoke_invitation
from tenants.models import Invitation, InvitationState

STATE_COLOURS = {
    InvitationState.PENDING: "warning",
    InvitationState.ACCEPTED: "success",
    InvitationState.REVOKED: "",
}


@admin.register(Invitation)
class InvitationAdmin(OrgAdmin):
    """Who has been asked in."""

    icon = "outgoing_mail"
    menu_rank = 120
    list_display = ("email", "role", "shown_state", "sent_at", "expires_at", "invited_by")
    list_filter = ("state", "role", "expires_at")
    search_fields = ("email",)
    fields = ("email", "role")
    details = ("state", "sent_at", "expires_at", "invited_by", "accepted_by", "accepted_at")
    actions = ("revoke",)

    @column("state", ordering="state", colours=STATE_COLOURS)
    def shown_state(self, invitation: Invitation) -> Any:
        return invitation.state, InvitationState(invitation.state).label

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields: list[str] = super().get_fields(request, obj)
        return [*fields, *self.details] if obj else fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("tenants.change_invitation"))

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        actor: Any = request.user
        made = invite_by_mail(obj.org, obj.email, role=obj.role, actor=actor)
        obj.__dict__.update(made.invitation.__dict__)

    @admin.action(description="Withdraw the selected invitations", permissions=("revoke",))
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        actor: Any = request.user
        pending = list(queryset.filter(state=InvitationState.PENDING))
        for invitation in pending:
            revoke_invitation(invitation, actor=actor)
        messages.success(request, f"Withdrawn: {len(pending)}. Accepted or withdrawn ones stay as they are.")
