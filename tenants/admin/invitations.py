"""Invitations: sent, sent again and withdrawn; never edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.invitations import invite_by_mail, resend_by_mail
from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column, page_action
from tenants.admin.lists import LongListMixin
from tenants.admin.verb_pages import (
    FindingMixin,
    Question,
    actor_of,
    ask_first,
    carried_from,
    run_each,
    take_selected,
    tell_each,
)
from tenants.invitations import revoke_invitation
from tenants.models import Invitation, InvitationState

STATE_COLOURS = {
    InvitationState.PENDING: "warning",
    InvitationState.ACCEPTED: "success",
    InvitationState.REVOKED: "",
}
NEW_LINK = "A new link is mailed, good for as long as a first one; the link that was sent before is dead."
DEAD_LINK = "The link that was mailed lets nobody in any more."
OTHERS_STAY = "Accepted and withdrawn ones stay as they are."


@admin.register(Invitation)
class InvitationAdmin(FindingMixin, LongListMixin, OrgAdmin):
    """Who has been asked in."""

    icon = "outgoing_mail"
    menu_rank = 120
    list_display = ("email", "role", "shown_state", "expires_at", "invited_by")
    list_filter = ("state", "role", "expires_at")
    search_fields = ("email_lower",)
    search_help_text = "The beginning of an e-mail"
    sortable_by = ("email", "expires_at")
    fields = ("email", "role")
    details = ("state", "sent_at", "expires_at", "invited_by", "accepted_by", "accepted_at")
    actions = ("revoke", "resend_selected")
    actions_detail = ("resend", "withdraw")

    @column("state", colours=STATE_COLOURS)
    def shown_state(self, invitation: Invitation) -> Any:
        return invitation.state, InvitationState(invitation.state).label

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields: list[str] = super().get_fields(request, obj)
        return [*fields, *self.details] if obj else fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, "tenants.change_invitation", state=(InvitationState.PENDING,))

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        made = invite_by_mail(obj.org, obj.email, role=obj.role, actor=actor_of(request))
        obj.__dict__.update(made.invitation.__dict__)

    @page_action("Send again", icon="forward_to_inbox", permission="revoke")
    def resend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invitation, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Send the invitation to {invitation.email} again?",
            effect=(NEW_LINK, f"You answer for it from now on: it makes them {invitation.role} of {invitation.org}."),
            submit="Send again",
            back=page_of_invitation(invitation),
            icon="forward_to_inbox",
        )

        def act(sent: dict[str, Any]) -> str:
            return f"A new link is on its way to {resend_by_mail(invitation, actor=actor).invitation.email}."

        return ask_first(request, question, act)

    @page_action("Withdraw", icon="cancel_schedule_send", permission="revoke")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invitation, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Withdraw the invitation to {invitation.email}?",
            effect=(DEAD_LINK,),
            submit="Withdraw",
            back=page_of_invitation(invitation),
            icon="cancel_schedule_send",
            danger=True,
        )

        def act(sent: dict[str, Any]) -> str:
            revoke_invitation(invitation, actor=actor)
            return f"The invitation to {invitation.email} is withdrawn."

        return ask_first(request, question, act)

    @admin.action(description="Withdraw the selected invitations", permissions=("revoke",))
    def revoke(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return self._for_each(request, queryset, "Withdraw", DEAD_LINK, "Withdrawn", revoke_invitation, danger=True)

    @admin.action(description="Send the selected invitations again", permissions=("revoke",))
    def resend_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return self._for_each(request, queryset, "Send again", NEW_LINK, "Sent again", resend_by_mail)

    def _for_each(
        self, request: HttpRequest, queryset: Any, submit: str, effect: str, done: str, verb: Any, danger: bool = False
    ) -> HttpResponse:
        pending, actor = take_selected(queryset.filter(state=InvitationState.PENDING), "org"), actor_of(request)
        question = Question(
            title=f"{submit}: {len(pending)} invitation{'' if len(pending) == 1 else 's'}?",
            effect=(effect, OTHERS_STAY),
            submit=submit,
            back=request.get_full_path(),
            rows=tuple(f"{i.email}, {i.role} of {i.org}" for i in pending),
            carried=carried_from(request),
            icon="outgoing_mail",
            danger=danger,
        )

        def act(sent: dict[str, Any]) -> str:
            return tell_each(request, *run_each(pending, lambda i: verb(i, actor=actor)), done)

        return ask_first(request, question, act)


def page_of_invitation(invitation: Invitation) -> str:
    return reverse("admin:tenants_invitation_change", args=[invitation.pk])
