"""What staff do to members: each on a page that says what will be different, one by one or for a selection."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Value
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from accounts.admin.asking_again import asks_again
from tenants.admin.decorators import page_action
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
from tenants.membership import change_role, deactivate_member, reactivate_member, transfer_ownership
from tenants.models import MemberState, Organization, OrgMember, Role

CHANGE = "tenants.change_orgmember"
WHAT_ROLES_DO = {
    Role.MEMBER: "Member: reads the organization's data",
    Role.ADMIN: "Admin: writes all of it as well, and looks after members, invitations and keys",
    Role.OWNER: "Owner: may also delete the organization and hand it over",
}
NEXT_REQUEST = "It holds from their next request on, whatever token they have."
SEE_ACCESS = "Access review finds access rows that such a person should no longer have."
# The browser offers these while somebody types; every other member is found by the whole address.
SUGGESTED = 200
KEPT = "Their role, their places in workspaces and their access rows are kept, for their return."


class RoleForm(forms.Form):
    """The role to give."""

    role = forms.ChoiceField(
        choices=[(role.value, said) for role, said in WHAT_ROLES_DO.items()], widget=UnfoldAdminRadioSelectWidget()
    )


class MemberPagesMixin(FindingMixin):
    """The pages and the actions of the list of members."""

    actions_detail = (
        "make_owner",
        "change_role",
        {"title": "More", "icon": "more_horiz", "items": ("deactivate", "reactivate", "see_as")},
    )
    actions = ("deactivate_selected", "reactivate_selected", "change_role_of_selected")

    @page_action("Change role", icon="badge", permission="change_role")
    def change_role(self, request: HttpRequest, object_id: str) -> HttpResponse:
        member, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Change the role of {member.user}?",
            effect=(f"They are {Role(member.role).label.lower()} of {member.org} now. {NEXT_REQUEST}",),
            submit="Change role",
            back=page_of_member(member),
            form=RoleForm,
            initial={"role": member.role},
            icon="badge",
        )
        return ask_first(request, question, lambda sent: tell_role(change_role(member, role=sent["role"], actor=actor)))

    @page_action("Make owner", icon="crown", permission="make_owner")
    def make_owner(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._hand_over(request, object_id)

    @asks_again
    def _hand_over(self, request: HttpRequest, object_id: str) -> HttpResponse:
        member, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Make {member.user} the owner of {member.org}?",
            effect=tell_transfer(member.org, member),
            submit="Transfer ownership",
            back=page_of_member(member),
            icon="crown",
            danger=True,
        )
        return ask_first(
            request,
            question,
            lambda sent: tell_owner(transfer_ownership(member.org, to=member.user, actor=actor)),
        )

    @page_action("Deactivate", icon="person_off", permission="deactivate")
    def deactivate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        member, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Shut {member.user} out of {member.org}?",
            effect=(f"Their next request is refused, whatever token they have. {KEPT}", SEE_ACCESS),
            submit="Deactivate",
            back=page_of_member(member),
            icon="person_off",
            danger=True,
        )
        return ask_first(request, question, lambda sent: f"{deactivate_member(member, actor=actor).user} is shut out.")

    @page_action("Reactivate", icon="person_check", permission="reactivate")
    def reactivate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        member, actor = self.find_or_404(request, object_id), actor_of(request)
        role = Role(member.role).label.lower()
        question = Question(
            title=f"Let {member.user} into {member.org} again?",
            effect=(f"They are {role} as before, with the workspaces and the access rows they had.",),
            submit="Reactivate",
            back=page_of_member(member),
            icon="person_check",
        )
        return ask_first(request, question, lambda sent: f"{reactivate_member(member, actor=actor).user} is back.")

    @page_action("See what they see", icon="visibility", permission="see_as")
    def see_as(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("console-act-as", args=[self.find_or_404(request, object_id).pk]))

    @admin.action(description="Deactivate the selected members", permissions=("bulk",))
    def deactivate_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        effect = (
            f"Their next requests are refused. {KEPT}",
            "Who is inactive already, and a last owner, stay as they are.",
        )
        return self._for_each(request, queryset, "Deactivate", effect, "Deactivated", deactivate_member, danger=True)

    @admin.action(description="Reactivate the selected members", permissions=("bulk",))
    def reactivate_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        effect = ("They are let in again with the roles they had.", "Who is active or only invited stays as they are.")
        return self._for_each(request, queryset, "Reactivate", effect, "Reactivated", reactivate_member)

    @admin.action(description="Change the role of the selected members", permissions=("bulk",))
    def change_role_of_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        effect = (NEXT_REQUEST, "A last owner stays one.")
        return self._for_each(request, queryset, "Change role", effect, "Changed", change_role, form=RoleForm)

    def _for_each(
        self,
        request: HttpRequest,
        queryset: Any,
        submit: str,
        effect: tuple[str, ...],
        done: str,
        verb: Any,
        **more: Any,
    ) -> HttpResponse:
        members, actor = take_selected(queryset, "user", "org"), actor_of(request)
        people = f"{len(members)} member{'' if len(members) == 1 else 's'}"
        question = Question(
            title=f"{submit}: {people}?",
            effect=effect,
            submit=submit,
            back=request.get_full_path(),
            rows=tuple(f"{m.user}, {Role(m.role).label.lower()} of {m.org}" for m in members),
            carried=carried_from(request),
            icon="group",
            **more,
        )

        def act(sent: dict[str, Any]) -> str:
            return tell_each(request, *run_each(members, lambda member: verb(member, actor=actor, **sent)), done)

        return ask_first(request, question, act)

    def has_see_as_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, "tenants.view_orgmember")

    def has_bulk_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(CHANGE))

    def has_change_role_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, CHANGE)

    def has_make_owner_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        not_yet = (Role.ADMIN, Role.MEMBER)
        return self.allows(request, object_id, CHANGE, state=(MemberState.ACTIVE,), role=not_yet)

    def has_deactivate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, CHANGE, state=(MemberState.ACTIVE,))

    def has_reactivate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, CHANGE, state=(MemberState.INACTIVE,))


class HeirForm(forms.Form):
    """Who is to own the organization: found among its members by e-mail."""

    email = forms.EmailField(
        label="E-mail of the new owner",
        help_text="An active member of the organization. Invite whoever is none yet.",
        widget=UnfoldAdminTextInputWidget(attrs={"list": "suggestions", "autocomplete": "off", "autofocus": True}),
    )
    org: Organization

    def clean_email(self) -> OrgMember:
        # Lowered by the database, as the stored column is.
        wanted = Lower(Value(self.cleaned_data["email"]))
        found = OrgMember.objects.filter(org=self.org, user__email_lower=wanted).select_related("user", "org").first()
        if found is None:
            raise forms.ValidationError(f"Nobody with this e-mail is a member of {self.org}.")
        return found


def ask_for_heir(request: HttpRequest, org: Organization) -> HttpResponse:
    """The page that hands an organization over, from the organization's own page."""
    actor = actor_of(request)
    heirs = OrgMember.objects.filter(org=org, state=MemberState.ACTIVE).exclude(role=Role.OWNER).order_by("role", "id")
    question = Question(
        title=f"Transfer the ownership of {org}?",
        effect=tell_transfer(org, None),
        submit="Transfer ownership",
        back=reverse("admin:tenants_organization_change", args=[org.pk]),
        form=type("HeirForm", (HeirForm,), {"org": org}),
        suggestions=tuple(heirs.values_list("user__email", flat=True)[:SUGGESTED]),
        icon="crown",
        danger=True,
    )
    return ask_first(
        request, question, lambda sent: tell_owner(transfer_ownership(org, to=sent["email"].user, actor=actor))
    )


def tell_transfer(org: Organization, heir: OrgMember | None) -> tuple[str, ...]:
    """What a transfer does, by name."""
    owners = OrgMember.objects.filter(org=org, role=Role.OWNER, state=MemberState.ACTIVE).select_related("user")
    leaving = [str(m.user) for m in owners.order_by("id") if heir is None or m.pk != heir.pk]
    new = str(heir.user) if heir else "The new owner"
    gives_up = f"{' and '.join(leaving)} become{'s' if len(leaving) == 1 else ''} admin." if leaving else ""
    may = f"{new} may then do everything in {org}, deleting it included."
    return tuple(sentence for sentence in (may, gives_up, "It holds from their next requests on.") if sentence)


def tell_role(member: OrgMember) -> str:
    return f"{member.user} is {Role(member.role).label.lower()} of {member.org} now."


def tell_owner(member: OrgMember) -> str:
    return f"{member.user} owns {member.org} now."


def page_of_member(member: OrgMember) -> str:
    return reverse("admin:tenants_orgmember_change", args=[member.pk])
