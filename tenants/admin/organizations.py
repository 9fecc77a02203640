"""Organizations: found them, look after them, delete them with a way back."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from tenants.admin.base import ConsoleAdmin, scope_of
from tenants.admin.decorators import asking_action, column
from tenants.admin.inlines import ReadingInline
from tenants.admin.organization_pages import OrganizationPagesMixin
from tenants.errors import Refusal
from tenants.lifecycle import PROVISION, delete_organization, restore_organization
from tenants.models import Invitation, Organization, OrgMember, OrgStatus, PlanTier
from tenants.verbs import as_service

STATUS_COLOURS = {OrgStatus.ACTIVE: "success", OrgStatus.SUSPENDED: "warning", OrgStatus.DELETING: "danger"}
PLAN_COLOURS = {PlanTier.FREE: "", PlanTier.GROWTH: "info", PlanTier.ENTERPRISE: "primary"}


class MemberInline(ReadingInline):
    """Who is in the organization."""

    model = OrgMember
    fields = ("user", "role", "state", "joined_at")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        # Not joined: for 20 rows under a policy the planner would go through every member.
        return super().get_queryset(request).prefetch_related("user", "org")


class InvitationInline(ReadingInline):
    """Who has been asked in."""

    model = Invitation
    fields = ("email", "role", "state", "sent_at", "expires_at")
    ordering = ("-id",)


@admin.register(Organization)
class OrganizationAdmin(OrganizationPagesMixin, ConsoleAdmin):
    """The organizations in scope: one, or all of them."""

    icon = "domain"
    menu_rank = 100
    list_display = ("name", "slug", "shown_status", "shown_plan", "created_at")
    list_filter = ("status", "plan_tier", "created_at")
    search_fields = ("name", "slug")
    ordering = ("name", "id")
    readonly_fields = ("status_now", "created_by", "created_at", "deleting_since")
    inlines = (MemberInline, InvitationInline)
    actions = None
    delete_confirmation_template = "console/delete_by_verb.html"
    actions_detail = (
        "transfer_ownership",
        "restore",
        {"title": "More", "icon": "more_horiz", "items": ("invite", "suspend", "resume")},
    )
    fieldsets = (
        (None, {"fields": ("name", "slug", "status_now", "plan_tier")}),
        ("Settings", {"fields": ("feature_flags", "white_label_config"), "classes": ("tab",)}),
        ("About", {"fields": ("created_by", "created_at", "deleting_since"), "classes": ("tab",)}),
    )
    add_fieldsets = ((None, {"fields": ("name", "slug", "owner", "plan_tier")}),)

    @column("status", ordering="status", colours=STATUS_COLOURS)
    def shown_status(self, org: Organization) -> Any:
        return org.status, OrgStatus(org.status).label

    @column("status")
    def status_now(self, org: Organization) -> str:
        return OrgStatus(org.status).label

    @column("plan", ordering="plan_tier", colours=PLAN_COLOURS)
    def shown_plan(self, org: Organization) -> Any:
        return org.plan_tier, PlanTier(org.plan_tier).label

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = type("NewOrganizationForm", (forms.ModelForm,), {"owner": self._owner_field()})
        return super().get_form(request, obj, change, **kwargs)

    def _owner_field(self) -> forms.Field:
        widget = AutocompleteSelect(Organization._meta.get_field("created_by"), self.admin_site)
        return forms.ModelChoiceField(
            get_user_model().objects.all(), widget=widget, help_text="Who owns it; they can invite the others."
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return scope_of(request).all_orgs and super().has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        if not change:
            # In the name of the staff person: the owner has not done anything yet.
            with as_service("create organization", request.user), connection.cursor() as cursor:
                cursor.execute(PROVISION, [form.cleaned_data["owner"].pk, obj.name, obj.slug])
                obj.pk = cursor.fetchone()[0]
            made = Organization.objects.get(pk=obj.pk)
            obj.created_by, obj.created_at, obj._state.adding = made.created_by, made.created_at, False
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Not Django's walk over every row of every table: nothing goes until the grace period is over."""
        days = settings.TENANTRY_DELETION_GRACE_DAYS
        told = [f"{org} is closed to its members at once, and gone in {days} days unless restored." for org in objs]
        return told, {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Organization) -> None:
        delete_organization(obj, actor=request.user)

    @asking_action(
        "Restore",
        icon="restore_from_trash",
        permission="restore",
        question="Restore this organization?",
        effect="It is what it was before its deletion was asked for: open to its members, or suspended.",
    )
    def restore(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        org = self.get_object(request, object_id)
        if org is None:
            raise Http404
        try:
            restored = restore_organization(org, actor=request.user)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            still = ", and suspended as before" if restored.status == OrgStatus.SUSPENDED else ""
            messages.success(request, f"{restored} is restored{still}.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:tenants_organization_change", args=[object_id])})

    def has_restore_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        org = self.get_object(request, object_id) if isinstance(object_id, str | UUID) else None
        return org is not None and org.status == OrgStatus.DELETING and self.has_delete_permission(request)
