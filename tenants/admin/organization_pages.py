"""What staff do to an organization: hand it over, ask people in, suspend it; each on a page that says what follows."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.admin.asking_again import asks_again
from tenants.admin.decorators import page_action
from tenants.admin.member_pages import ask_for_heir
from tenants.admin.verb_pages import FindingMixin, Question, actor_of, ask_first
from tenants.lifecycle import resume_organization, suspend_organization
from tenants.models import OrgStatus

CHANGE = "tenants.change_organization"


class ReasonForm(forms.Form):
    """Why, for the log."""

    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
        help_text="Kept in the log, with your name.",
    )


class OrganizationPagesMixin(FindingMixin):
    """The pages behind the buttons of an organization's page."""

    @page_action("Transfer ownership", icon="crown", permission="transfer_ownership", primary=True)
    def transfer_ownership(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask_for_heir(request, object_id)

    @asks_again
    def _ask_for_heir(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return ask_for_heir(request, self.find_or_404(request, object_id))

    @page_action("Invite", icon="person_add", permission="invite")
    def invite(self, request: HttpRequest, object_id: str) -> HttpResponse:
        org = self.find_or_404(request, object_id)
        return HttpResponseRedirect(f"{reverse('admin:tenants_invitation_add')}?org={org.pk}")

    @page_action("Suspend", icon="pause_circle", permission="suspend")
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._suspend(request, object_id)

    @asks_again
    def _suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        org, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Suspend {org}?",
            effect=(
                "Its members and its API keys are refused with their next request; nothing of its data changes.",
                "It stays so until somebody in the console lifts it.",
            ),
            submit="Suspend",
            back=page_of_org(org),
            form=ReasonForm,
            icon="pause_circle",
            danger=True,
        )
        return ask_first(
            request,
            question,
            lambda sent: f"{suspend_organization(org, reason=sent['reason'], actor=actor)} is suspended.",
        )

    @page_action("Lift suspension", icon="play_circle", permission="resume", primary=True)
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        org, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Open {org} again?",
            effect=("Its members and its API keys work with their next request, as before.",),
            submit="Lift suspension",
            back=page_of_org(org),
            form=ReasonForm,
            icon="play_circle",
        )
        return ask_first(
            request,
            question,
            lambda sent: f"{resume_organization(org, reason=sent['reason'], actor=actor)} is open again.",
        )

    def has_transfer_ownership_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        open_or_suspended = (OrgStatus.ACTIVE, OrgStatus.SUSPENDED)
        return self.allows(request, object_id, "tenants.change_orgmember", status=open_or_suspended)

    def has_invite_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, "tenants.add_invitation", status=(OrgStatus.ACTIVE,))

    def has_suspend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, CHANGE, status=(OrgStatus.ACTIVE,))

    def has_resume_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, CHANGE, status=(OrgStatus.SUSPENDED,))


def page_of_org(org: Any) -> str:
    return reverse("admin:tenants_organization_change", args=[org.pk])
