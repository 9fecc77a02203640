"""The log, to read: who changed what, through what, from what to what."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from audit.models import AuditLog
from tenants.admin.base import ConsoleAdmin, scope_of
from tenants.admin.decorators import column
from tenants.admin.history import SURFACES, VERBS, tell_actor, tell_entries, thing_in
from tenants.models import Organization

ACTION_COLOURS = {"added": "success", "changed": "info", "deleted": "danger"}


class TableFilter(admin.SimpleListFilter):
    """Our tables, from the models: asking the log for its distinct names would read all of it."""

    title = "table"
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tables = {m._meta.db_table for m in apps.get_models() if m._meta.app_label in settings.TENANTRY_APPS}
        return [(name, thing_in(name)) for name in sorted(tables - {AuditLog._meta.db_table}, key=thing_in)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
        return queryset.filter(table_name=self.value()) if self.value() else queryset


class ActionFilter(admin.SimpleListFilter):
    """The four things that happen to rows, and everything else as events."""

    title = "action"
    parameter_name = "did"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*VERBS.items(), ("event", "event")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
        if self.value() == "event":
            return queryset.exclude(action__in=VERBS)
        return queryset.filter(action=self.value()) if self.value() else queryset


class SurfaceFilter(admin.SimpleListFilter):
    """What the change came through."""

    title = "through"
    parameter_name = "through"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(SURFACES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
        return queryset.filter(surface=self.value()) if self.value() else queryset


@admin.register(AuditLog)
class AuditLogAdmin(ConsoleAdmin):
    """Nobody changes it, here least of all."""

    icon = "history"
    menu_rank = 900
    list_display = ("shown_time", "shown_action", "shown_table", "shown_who", "shown_surface", "record_id")
    list_filter = (ActionFilter, TableFilter, SurfaceFilter, "created_at")
    search_fields = ("record_id__exact", "request_id__exact", "actor__exact")
    search_help_text = "A record's id, a request's id, or an actor such as user:<id>"
    fields = ("shown_changes", "created_at", "shown_who", "actor", "reason", "request_id", "batch_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditLog]:
        orgs = Organization.objects.filter(pk=OuterRef("org_id")).values("name")
        people = Organization._meta.get_field("created_by").related_model
        emails = people._default_manager.filter(pk=OuterRef("user_id")).values("email")
        return AuditLog.objects.annotate(org_name=Subquery(orgs[:1]), person=Subquery(emails[:1]))

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-created_at", "-id"]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        first, *others = super().get_list_display(request)
        return [first, "shown_org", *others] if scope_of(request).all_orgs else [first, *others]

    @column("time", ordering="created_at")
    def shown_time(self, entry: AuditLog) -> str:
        return f"{entry.created_at:%d %b %Y %H:%M:%S}"

    @column("organization")
    def shown_org(self, entry: Any) -> str:
        return entry.org_name or "—"

    @column("action", colours=ACTION_COLOURS)
    def shown_action(self, entry: AuditLog) -> str:
        return VERBS.get(entry.action, entry.action)

    @column("what")
    def shown_table(self, entry: AuditLog) -> str:
        return thing_in(entry.table_name)

    @column("who")
    def shown_who(self, entry: Any) -> str:
        return entry.person or tell_actor(entry.actor)

    @column("through")
    def shown_surface(self, entry: AuditLog) -> str:
        return SURFACES.get(entry.surface, entry.surface)

    @column("changes")
    def shown_changes(self, entry: AuditLog) -> SafeString:
        return render_to_string("console/changes.html", tell_entries([entry])[0])

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        # An entry has no history: it is one.
        context = {**(extra_context or {}), "show_history": False}
        return super().change_view(request, object_id, form_url, context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
