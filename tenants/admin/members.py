"""Members: a person's role and state in an organization, changed by verbs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tenants.admin.base import OrgAdmin, scope_of
from tenants.admin.decorators import column
from tenants.admin.lists import LongListMixin
from tenants.admin.member_pages import MemberPagesMixin
from tenants.membership import add_member, change_role, deactivate_member, reactivate_member, remove_member
from tenants.models import MemberState, OrgMember, Role

ROLE_COLOURS = {Role.OWNER: "primary", Role.ADMIN: "info", Role.MEMBER: ""}
STATE_COLOURS = {MemberState.ACTIVE: "success", MemberState.PENDING: "warning", MemberState.INACTIVE: ""}


@admin.register(OrgMember)
class OrgMemberAdmin(MemberPagesMixin, LongListMixin, OrgAdmin):
    """Who is in the organization."""

    icon = "badge"
    menu_rank = 110
    list_display = ("person", "shown_role", "shown_state", "joined_at")
    list_filter = ("role", "state", "joined_at")
    search_fields = ("user__email_lower",)
    search_help_text = "The beginning of a person's e-mail"
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    fields = ("user", "role", "state", "joined_at")
    delete_confirmation_template = "console/delete_by_verb.html"

    @column("person")
    def person(self, member: OrgMember) -> str:
        return str(member.user)

    @column("role", colours=ROLE_COLOURS)
    def shown_role(self, member: OrgMember) -> Any:
        return member.role, Role(member.role).label

    @column("state", colours=STATE_COLOURS)
    def shown_state(self, member: OrgMember) -> Any:
        return member.state, MemberState(member.state).label

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_fields(request, obj)
        if obj:
            return ["person" if name == "user" else name for name in fields]
        return [name for name in fields if name not in ("state", "joined_at")]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(("person", "joined_at") if obj else ())]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "state":
            # Pending is what an invitation makes; nobody is put back into it.
            kwargs["choices"] = [(s.value, s.label) for s in (MemberState.ACTIVE, MemberState.INACTIVE)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Within one organization staff see its members only, so there is nobody to choose: they invite.
        return scope_of(request).all_orgs and super().has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: OrgMember, form: Any, change: bool) -> None:
        actor: Any = request.user
        if not change:
            obj.pk = add_member(obj.org, obj.user, role=obj.role, actor=actor).pk
        if "role" in form.changed_data and change:
            change_role(obj, role=obj.role, actor=actor)
        if "state" in form.changed_data:
            turn = reactivate_member if obj.state == MemberState.ACTIVE else deactivate_member
            turn(obj, actor=actor)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        told = [
            f"{member.user} is no longer in {member.org}: their next request is refused, and their places in its"
            " workspaces go. Their account stays, and so do their access rows: Access review finds these."
            for member in objs
        ]
        return told, {}, set(), []

    def delete_model(self, request: HttpRequest, obj: OrgMember) -> None:
        remove_member(obj, actor=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for member in queryset:
            self.delete_model(request, member)
