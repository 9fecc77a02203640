"""Sync jobs: asked for and cancelled by people, taken up by processes, and taken over when a process is gone."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from audit.events import log_event
from tenants.authority import Actor, require_authority
from tenants.errors import Conflict, NotFound
from tenants.models import ConnectionStatus, IntegrationConnection, OrgStatus, SyncJob, SyncStatus
from tenants.scope import owner_scope
from tenants.verbs import as_service, verb

JOB = "run_sync"
# A connection in error is tried again: what was wrong may have passed.
SYNCED = (ConnectionStatus.ACTIVE, ConnectionStatus.ERROR)
OPEN = (SyncStatus.PENDING, SyncStatus.RUNNING)
NO_CONNECTION = "There is no such connection in this organization."
NO_JOB = "There is no such sync job in this organization."


@verb
def request_sync(wanted: IntegrationConnection, *, actor: Actor) -> SyncJob:
    """Let a connection be synchronized as soon as a process is free; admins and owners."""
    require_authority(actor, wanted.org_id)
    found = IntegrationConnection.objects.filter(org_id=wanted.org_id, pk=wanted.pk).first()
    if found is None:
        raise NotFound(NO_CONNECTION)
    if found.status not in SYNCED:
        raise Conflict(f"This connection is {found.status}; only an active one is synchronized.", "wrong-state")
    with as_service("request sync", actor):
        job = SyncJob.objects.create(org_id=found.org_id, connection_id=found.pk, requested_by_id=actor.pk)
        log_job("sync_requested", job)
    return job


@verb
def cancel_sync(job: SyncJob, *, actor: Actor) -> SyncJob:
    """End a job that waits, or ask the process that works on it to end; what it read stays."""
    require_authority(actor, job.org_id)
    with as_service("cancel sync", actor):
        stands = SyncJob.objects.select_for_update().filter(org_id=job.org_id, pk=job.pk).first()
        if stands is None:
            raise NotFound(NO_JOB)
        if stands.status not in OPEN:
            raise Conflict(f"This sync job is over: it {stands.status}.", "wrong-state")
        if stands.status == SyncStatus.PENDING or _is_stale(stands):
            stands.status, stands.finished_at = SyncStatus.CANCELLED, timezone.now()
        stands.cancel_asked_at = timezone.now()
        stands.save(update_fields=["status", "finished_at", "cancel_asked_at"])
        log_job("sync_cancelled", stands)
    return stands


def request_due(among: Q, *, every: timedelta | None) -> int:
    """Jobs for connections that were last synchronized longer ago than that; None: for all that have no open one."""
    with transaction.atomic(), owner_scope(JOB):
        jobs = SyncJob.objects.filter(org_id=OuterRef("org_id"), connection_id=OuterRef("pk"))
        due = IntegrationConnection.objects.filter(among, _in_use(), status__in=SYNCED)
        due = due.exclude(Exists(jobs.filter(status__in=OPEN)))
        if every is not None:
            due = due.exclude(Exists(jobs.filter(created_at__gt=Now() - every)))
        made = [SyncJob(org_id=org_id, connection_id=pk) for org_id, pk in due.values_list("org_id", "pk")]
        # Somebody may have asked for the same at this moment.
        SyncJob.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def claim_job(among: Q, worker: UUID) -> SyncJob | None:
    """Take up a job: one whose process is gone first, else the one that waited longest; by the database's clock."""
    with transaction.atomic(), owner_scope(JOB):
        stale = Q(status=SyncStatus.RUNNING, held_until__lte=Now())
        at_work = SyncJob.objects.filter(
            org_id=OuterRef("org_id"), connection_id=OuterRef("connection_id"), status=SyncStatus.RUNNING
        )
        waiting = Q(status=SyncStatus.PENDING) & ~Exists(at_work)
        jobs = SyncJob.objects.filter(stale | waiting, among, _in_use(), connection__status__in=SYNCED)
        # Ids are in the order of time, whatever the organization: none waits for as long as others ask.
        job = jobs.select_for_update(of=("self",), skip_locked=True).order_by("-status", "id").first()
        if job is None:
            return None
        job.status, job.held_by, job.held_until = SyncStatus.RUNNING, worker, lease_end()
        job.started_at, job.attempts = job.started_at or Now(), job.attempts + 1
        if job.attempts == 1:
            job.cursor = _last_cursor(job)
        job.save(update_fields=["status", "held_by", "held_until", "started_at", "attempts", "cursor"])
        # With its connection: as long as this transaction holds the job, nobody deletes that.
        return SyncJob.objects.select_related("connection").get(org_id=job.org_id, pk=job.pk)


def release_job(job: SyncJob) -> None:
    """Let anybody take it up at once: this process ends."""
    with transaction.atomic(), owner_scope(JOB):
        held_rows(job).update(held_until=Now())


def finish_job(job: SyncJob, status: SyncStatus, *, error: str = "") -> None:
    """Write down how it ended, on the job and on its connection; nothing where somebody else has it by now."""
    now = timezone.now()
    with transaction.atomic(), owner_scope(JOB):
        if not held_rows(job).update(status=status, error=error, finished_at=now):
            return
        job.refresh_from_db()
        log_job("sync_ended", job)
        row = IntegrationConnection.objects.filter(org_id=job.org_id, pk=job.connection_id)
        if status == SyncStatus.SUCCEEDED:
            row.update(last_synced_at=now)
            row.filter(status=ConnectionStatus.ERROR).update(status=ConnectionStatus.ACTIVE, last_error="")
        elif status == SyncStatus.FAILED:
            row.filter(status__in=SYNCED).update(status=ConnectionStatus.ERROR, last_error=error)


def held_rows(job: SyncJob) -> Any:
    """The job, as long as it is this process that has it."""
    return SyncJob.objects.filter(org_id=job.org_id, pk=job.pk, status=SyncStatus.RUNNING, held_by=job.held_by)


def lease_end() -> Any:
    """By the database's clock, the only one that all processes share."""
    return Now() + timedelta(seconds=settings.TENANTRY_SYNC_LEASE_SECONDS)


def advance_job(job: SyncJob, cursor: dict[str, Any], *, read: int, added: int) -> bool:
    """Move on, in the transaction of the events that were read; False: it is no longer this process's."""
    counts = {"events_read": F("events_read") + read, "events_added": F("events_added") + added}
    rows = held_rows(job).filter(cancel_asked_at=None)
    return bool(rows.update(cursor=cursor, held_until=lease_end(), **counts))


def log_job(event: str, job: SyncJob) -> None:
    """What happened to a job, as the log tells it."""
    details: dict[str, Any] = {"connection": job.connection_id, "status": job.status, "events_added": job.events_added}
    if job.error:
        details["error"] = job.error
    with connection.cursor() as cursor:
        log_event(cursor, event, table="sync_jobs", record=job.pk, org_id=job.org_id, **details)


def _last_cursor(job: SyncJob) -> dict[str, Any]:
    """Where the job before this one came to, however it ended."""
    jobs = SyncJob.objects.filter(org_id=job.org_id, connection_id=job.connection_id, attempts__gt=0)
    before = jobs.order_by("-started_at", "-id").values_list("cursor", flat=True).first()
    return dict(before or {})


def _in_use() -> Q:
    return Q(org__status=OrgStatus.ACTIVE)


def _is_stale(job: SyncJob) -> bool:
    return SyncJob.objects.filter(org_id=job.org_id, pk=job.pk, held_until__lte=Now()).exists()
