"""Sync jobs: what was read from connections, and what went wrong."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import asking_action, column
from tenants.admin.inlines import ReadingInline
from tenants.admin.lists import LongListMixin
from tenants.admin.showing import count
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
class SyncJobAdmin(LongListMixin, OrgAdmin):
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

    @asking_action(
        "Cancel",
        icon="cancel",
        permission="cancel",
        question="Cancel this sync job?",
        effect="One that waits ends at once, one that runs with its next batch; what it has read stays.",
    )
    def cancel(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        actor: Any = request.user
        ended = cancel_sync(job, actor=actor).status == SyncStatus.CANCELLED
        messages.success(request, "The job is cancelled." if ended else "The job ends with its next batch.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:tenants_syncjob_change", args=[object_id])})

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        job = self.get_object(request, object_id) if isinstance(object_id, str | UUID) else None
        return job is not None and job.status in OPEN and bool(request.user.has_perm("tenants.change_syncjob"))
