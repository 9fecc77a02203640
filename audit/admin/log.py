"""The log, to read: who changed what, through what, from what to what."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.models import NO_ORG, AuditLog
from tenants.admin.base import ConsoleAdmin, scope_of
from tenants.admin.counting import EstimatingPaginator, ShallowPaginator
from tenants.admin.decorators import column
from tenants.admin.history import SURFACES, VERBS, tell_action, tell_actor, tell_entries, thing_in
from tenants.admin.lists import LongList
from tenants.admin.references import models_by_table, name_in, page_of, page_of_org
from tenants.models import Organization

# An entry's time is its transaction's beginning, its id the row's: as a rule no further apart than this.
LONGEST_TRANSACTION = timedelta(hours=1)
CLOCKS_APART = timedelta(minutes=1)
ACTION_COLOURS = {"added": "success", "changed": "info", "deleted": "danger"}


def linked(address: str, text: str) -> Any:
    return format_html('<a class="console-accent" href="{}">{}</a>', address, text) if address and text else text or "—"


def time_in(key: UUID) -> datetime:
    """When a time-ordered id was made."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, tz=UTC)


def name_entries(entries: list[Any]) -> list[Any]:
    """Give entries the names of organization and person; subqueries would name every row that a deep page skips."""
    people = Organization._meta.get_field("created_by").related_model._default_manager
    orgs = dict(Organization.objects.filter(pk__in={e.org_id for e in entries}).values_list("pk", "name"))
    emails = dict(people.filter(pk__in={e.user_id for e in entries if e.user_id}).values_list("pk", "email"))
    for entry in entries:
        entry.org_name, entry.person = orgs.get(entry.org_id), emails.get(entry.user_id)
    return entries


class LogList(LongList):
    """A page of entries, named once it is read."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: list[Any] = name_entries(list(self.result_list))


class TitledEntry:
    """An entry as its page's title tells it, where the model would give table and key."""

    def __init__(self, entry: AuditLog) -> None:
        self._meta, self.pk = entry._meta, entry.pk
        self.told = tell_entries([entry])[0]

    def __str__(self) -> str:
        return "{who}: {verb} {what} {named}".format(**self.told).strip()


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
    list_display = ("shown_time", "shown_action", "shown_table", "shown_row", "shown_who", "shown_surface")
    list_filter = (ActionFilter, TableFilter, SurfaceFilter, "created_at")
    search_fields = ("record_id",)
    search_help_text = "The id of a row, or the e-mail of a person"
    sortable_by = ()
    fields = (
        "shown_changes",
        "shown_time",
        "shown_who",
        "shown_surface",
        "shown_link",
        "shown_org_link",
        "reason",
        "actor",
        "request_id",
        "batch_id",
    )

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[AuditLog], search_term: str) -> Any:
        """By what an index holds: rows together with their table, people together with their organization."""
        term = search_term.strip()
        if not term:
            return queryset, False
        people = Organization._meta.get_field("created_by").related_model._default_manager
        person = people.filter(email_lower=term.lower()).values_list("pk", flat=True).first()
        if person is None:
            return queryset.filter(table_name__in=list(models_by_table()), record_id=term), False
        orgs = [NO_ORG, *Organization.objects.values_list("pk", flat=True)]
        return queryset.filter(org_id__in=orgs, user_id=person), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditLog]:
        org_id = scope_of(request).org_id
        return AuditLog.objects.filter(org_id=org_id) if org_id else AuditLog.objects.all()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """By the month that the id tells: an id alone would be looked for in every month."""
        try:
            made = time_in(UUID(object_id))
        except ValueError:
            return None
        near = self.get_queryset(request).filter(created_at__range=(made - LONGEST_TRANSACTION, made + CLOCKS_APART))
        found = near.filter(pk=object_id).first() or super().get_object(request, object_id, from_field)
        return found and name_entries([found])[0]

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        paginator = ShallowPaginator if scope_of(request).all_orgs else EstimatingPaginator
        return paginator(*args, **kwargs)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        return LogList

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-created_at", "-id"]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        first, *others = super().get_list_display(request)
        return [first, "shown_org", *others] if scope_of(request).all_orgs else [first, *others]

    @column("time")
    def shown_time(self, entry: AuditLog) -> str:
        return f"{entry.created_at:%d %b %Y %H:%M:%S}"

    @column("organization")
    def shown_org(self, entry: Any) -> str:
        return entry.org_name or "—"

    @column("action", colours=ACTION_COLOURS)
    def shown_action(self, entry: AuditLog) -> str:
        return tell_action(entry.action)

    @column("what")
    def shown_table(self, entry: AuditLog) -> str:
        return thing_in(entry.table_name)

    @column("which")
    def shown_row(self, entry: AuditLog) -> Any:
        return linked(page_of(entry), name_in(entry))

    @column("row")
    def shown_link(self, entry: AuditLog) -> Any:
        what = linked(page_of(entry), f"{thing_in(entry.table_name)} {name_in(entry)}")
        if not entry.record_id:
            return what
        found = reverse("admin:audit_auditlog_changelist", query={"table": entry.table_name, "q": entry.record_id})
        return format_html("{} · {}", what, linked(found, "everything about it"))

    @column("organization")
    def shown_org_link(self, entry: Any) -> Any:
        return linked(page_of_org(entry) if entry.org_name else "", entry.org_name or "—")

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
        entry = self.get_object(request, object_id)
        titled = {"original": TitledEntry(entry)} if entry else {}
        context = {**(extra_context or {}), **titled, "show_history": False}
        return super().change_view(request, object_id, form_url, context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
