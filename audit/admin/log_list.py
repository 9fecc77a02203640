"""The list of the log: its filters, what narrows it further, and the names beside each entry."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from audit.admin.exploring import NAMES, read_narrowing
from audit.models import AuditLog
from tenants.admin.history import SURFACES, VERBS, thing_in
from tenants.admin.lists import LongList
from tenants.admin.references import name_in, name_rows
from tenants.models import Organization


def name_entries(entries: list[Any]) -> list[Any]:
    """Give entries the names of organization, person and row; subqueries would name whatever a deep page skips."""
    orgs = dict(Organization.objects.filter(pk__in={e.org_id for e in entries}).values_list("pk", "name"))
    emails = dict(User.objects.filter(pk__in={e.user_id for e in entries if e.user_id}).values_list("pk", "email"))
    rows = name_rows(entries)
    for entry in entries:
        entry.row_name = rows.get((entry.table_name, entry.record_id or "")) or name_in(entry)
        entry.org_name, entry.person = orgs.get(entry.org_id), emails.get(entry.user_id)
    return entries


class LogList(LongList):
    """A page of entries, narrowed by what was asked for, named once it is read."""

    def get_filters_params(self, params: Any = None) -> Any:
        lookups = super().get_filters_params(params)
        return {name: value for name, value in lookups.items() if name not in NAMES}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        self.narrowing = read_narrowing(request.GET)
        rows = self.narrowing.apply(super().get_queryset(request, exclude_parameters))
        self.has_active_filters = bool(self.has_active_filters) or self.narrowing.is_active  # type: ignore[has-type]
        return rows

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: list[Any] = name_entries(list(self.result_list))


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
