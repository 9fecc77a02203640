"""The log, to read: who changed what, through what, from what to what."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.addresses import find_user
from audit.admin.exploring import NAMES, done_by, read_narrowing, time_in
from audit.admin.exporting import LIMIT, WRITERS, export_rows
from audit.admin.linking import follow, linked
from audit.admin.log_list import ActionFilter, LogList, SurfaceFilter, TableFilter, name_entries
from audit.events import log_event
from audit.models import AuditLog
from tenants.admin.base import ConsoleAdmin, scope_of
from tenants.admin.counting import EstimatingPaginator, ShallowPaginator
from tenants.admin.decorators import column
from tenants.admin.history import SURFACES, tell_action, tell_actor, tell_entries, thing_in
from tenants.admin.references import models_by_table, page_of, page_of_org
from tenants.verbs import as_service

# An entry's time is its transaction's beginning, its id the row's: as a rule no further apart than this.
LONGEST_TRANSACTION = timedelta(hours=1)
CLOCKS_APART = timedelta(minutes=1)
ACTION_COLOURS = {"added": "success", "changed": "info", "deleted": "danger"}


class TitledEntry:
    """An entry as its page's title tells it, where the model would give table and key."""

    def __init__(self, entry: AuditLog) -> None:
        self._meta, self.pk = entry._meta, entry.pk
        self.told = tell_entries([entry])[0]

    def __str__(self) -> str:
        return "{who}: {verb} {what} {named}".format(**self.told).strip()


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
    list_before_template = "console/log_explorer.html"
    fields = (
        "shown_changes",
        "shown_time",
        "shown_who",
        "shown_surface",
        "shown_link",
        "shown_org_link",
        "reason",
        "shown_actor",
        "shown_request",
        "shown_batch",
    )

    def get_urls(self) -> list[Any]:
        export = self.admin_site.admin_view(self.export_view)
        return [path("export/<str:kind>/", export, name="audit_auditlog_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        narrowing = read_narrowing(request.GET)
        kept = [(n, v) for n, v in request.GET.items() if n not in (*NAMES, "p", "e")]
        context = {
            "asked": narrowing.asked,
            "faults": narrowing.faults,
            "note": narrowing.note,
            "narrowed": bool(request.GET),
            "kept": kept,
            "query": f"?{request.GET.urlencode()}",
            "limit": f"{LIMIT:,}",
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """What the list shows, as a file; that somebody took it is an entry itself."""
        if kind not in WRITERS:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect("admin:audit_auditlog_changelist")
        with as_service("export the log", request.user), connection.cursor() as cursor:
            org_id, filters = scope_of(request).org_id, request.GET.dict()
            log_event(cursor, "log.exported", table="audit_logs", org_id=org_id, format=kind, filters=filters)
        return export_rows(request, rows, kind)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[AuditLog], search_term: str) -> Any:
        """By what an index holds: rows together with their table, people together with their organization."""
        term = search_term.strip()
        if not term:
            return queryset, False
        person = find_user(term)
        if person is None:
            return queryset.filter(table_name__in=list(models_by_table()), record_id=term), False
        return queryset.filter(done_by(person.pk)), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditLog]:
        org_id = scope_of(request).org_id
        return AuditLog.objects.filter(org_id=org_id) if org_id else AuditLog.objects.all()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """By the month that the id tells: an id alone would be looked for in every month."""
        try:
            made = time_in(UUID(object_id))
        except ValueError:
            return None
        found = made and self._find_near(request, object_id, made)
        found = found or super().get_object(request, object_id, from_field)
        return found and name_entries([found])[0]

    def _find_near(self, request: HttpRequest, key: str, made: datetime) -> AuditLog | None:
        near = self.get_queryset(request).filter(created_at__range=(made - LONGEST_TRANSACTION, made + CLOCKS_APART))
        return near.filter(pk=key).first()

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
    def shown_row(self, entry: Any) -> Any:
        return linked(page_of(entry), entry.row_name)

    @column("row")
    def shown_link(self, entry: Any) -> Any:
        what = linked(page_of(entry), f"{thing_in(entry.table_name)} {entry.row_name}")
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

    @column("by whom")
    def shown_actor(self, entry: AuditLog) -> Any:
        # By the actor where the person's address is not for the reader.
        who = getattr(entry, "person", None) or entry.actor
        return follow(who, "everything by them", who=who)

    @column("request")
    def shown_request(self, entry: AuditLog) -> Any:
        near = entry.created_at.isoformat()
        return follow(entry.request_id, "everything in this request", request=entry.request_id, near=near)

    @column("batch")
    def shown_batch(self, entry: AuditLog) -> Any:
        batch = str(entry.batch_id or "")
        return follow(batch, "everything in this batch", batch=batch)

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
