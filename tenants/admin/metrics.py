"""Metrics: what is measured, the measurements to read, their chart, and the months they are kept in."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from tenants.admin.base import ConsoleAdmin, OrgAdmin, scope_of
from tenants.admin.charts import tell
from tenants.admin.decorators import column, list_page
from tenants.admin.lists import LongListMixin
from tenants.admin.metric_chart import chart_context
from tenants.metrics.coverage import partition_coverage
from tenants.models import Aggregation, MetricDefinition, MetricEvent


def chart_address(key: str = "") -> str:
    address = reverse("admin:tenants_metricevent_chart")
    return f"{address}?{urlencode({'key': key})}" if key else address


@admin.register(MetricDefinition)
class MetricDefinitionAdmin(ConsoleAdmin):
    """What is measured; the same for all organizations, so only who works in all of them changes it."""

    icon = "straighten"
    menu_rank = 190
    list_display = ("display_name", "key", "unit", "shown_method", "category", "source", "opens_chart")
    list_filter = ("aggregation_method", "category")
    search_fields = ("key", "display_name")
    ordering = ("category", "key")
    fields = ("key", "display_name", "unit", "aggregation_method", "category", "source", "metadata")

    @column("added up as", ordering="aggregation_method")
    def shown_method(self, definition: MetricDefinition) -> str:
        return Aggregation(definition.aggregation_method).label

    @column("chart")
    def opens_chart(self, definition: MetricDefinition) -> str:
        return format_html('<a class="console-accent" href="{}">Open</a>', chart_address(definition.key))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Events carry the key.
        return ("key",) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return scope_of(request).all_orgs and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return scope_of(request).all_orgs and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return scope_of(request).all_orgs and super().has_delete_permission(request, obj)


class MetricFilter(admin.SimpleListFilter):
    """By the definitions: asking the events for their distinct keys would read all of them."""

    title = "metric"
    parameter_name = "metric"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(m.key, m.display_name) for m in MetricDefinition.objects.order_by("display_name", "key")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MetricEvent]) -> QuerySet[MetricEvent]:
        return queryset.filter(metric_key=self.value()) if self.value() else queryset


@admin.register(MetricEvent)
class MetricEventAdmin(LongListMixin, OrgAdmin):
    """Measurements, to read: they come in through the API, and stay as they came."""

    icon = "monitoring"
    menu_rank = 195
    list_display = ("recorded_at", "metric_key", "shown_value", "store", "client_event_id", "created_at")
    list_filter = (MetricFilter, "recorded_at")
    ordering = ("-org_id", "-recorded_at", "-id")
    # A key without its time is looked for in every month.
    list_display_links = None
    fields = ("recorded_at", "metric_key", "value", "store", "dimensions", "client_event_id", "created_at")
    actions = None
    actions_list = ("chart", "partitions")

    @column("value")
    def shown_value(self, event: MetricEvent) -> str:
        return tell(event.value)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_partitions_permission(self, request: HttpRequest) -> bool:
        """They are of all organizations together."""
        return scope_of(request).all_orgs

    @list_page("Chart", path="chart", icon="show_chart", permission="view")
    def chart(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, "console/metric_chart.html", "Chart of a metric", **chart_context(request))

    @list_page("Partitions", path="partitions", icon="calendar_month", permission="partitions")
    def partitions(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, "console/partitions.html", "Partitions", tables=partition_coverage())

    def show(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, template, {**frame, **context})
