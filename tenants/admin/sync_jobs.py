"""Sync jobs: what was read from connections, and what went wrong."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column, page_action
from tenants.admin.inlines import ReadingInline
from tenants.admin.lists import LongListMixin
from tenants.admin.showing import count
from tenants.admin.verb_pages import FindingMixin, Question, actor_of, ask_first
from tenants.models import SyncJob, SyncStatus
from tenants.sync.jobs import OPEN, cancel_sync

STATUS_COLOURS = {
    SyncStatus.PENDING: "warning",
    SyncStatus.RUNNING: "info",
    SyncStatus.SUCCEEDED: "success",
    SyncStatus.FAILED: "danger",
    SyncStatus.CANCELLED: "",
}


class SyncJobInline(ReadingInline):
    """The runs of one connection."""

    model = SyncJob
    fields = ("status", "events_added", "started_at", "finished_at")
    readonly_fields = fields
    ordering = ("-id",)


@admin.register(SyncJob)
class SyncJobAdmin(FindingMixin, LongListMixin, OrgAdmin):
    """Runs of reading from connections; changed by nobody, and cancelled by a button."""

    icon = "sync"
    menu_rank = 151
    list_display = ("connection", "shown_status", "new_events", "started_at", "finished_at")
    list_filter = ("status", "started_at")
    search_fields = ("connection__name",)
    fields = (
        "connection",
        "status",
        "error",
        "events_read",
        "events_added",
        "attempts",
        "requested_by",
        "started_at",
        "finished_at",
        "cancel_asked_at",
        "cursor",
    )
    actions_detail = ("cancel",)

    @column("status", ordering="status", colours=STATUS_COLOURS)
    def shown_status(self, job: SyncJob) -> Any:
        return job.status, SyncStatus(job.status).label

    @column("new events")
    def new_events(self, job: SyncJob) -> str:
        return count(job.events_added)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @page_action("Cancel", icon="cancel", permission="cancel")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Cancel this sync of {job.connection}?",
            effect=("One that waits ends at once, one that runs with its next batch; what it has read stays.",),
            submit="Cancel the sync",
            back=reverse("admin:tenants_syncjob_change", args=[job.pk]),
            icon="cancel",
        )

        def act(sent: dict[str, Any]) -> str:
            ended = cancel_sync(job, actor=actor).status == SyncStatus.CANCELLED
            return "The job is cancelled." if ended else "The job ends with its next batch."

        return ask_first(request, question, act)

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, "tenants.change_syncjob", status=OPEN)
