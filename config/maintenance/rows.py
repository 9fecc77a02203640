"""Rows whose time is over, and access that looks wrong."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import CleaningBatch, CleaningState
from accounts.review.cleaning import delete_old_previews
from accounts.review.looking import look_for_findings
from accounts.tokens.expiry import delete_stale, stale_sessions
from config.maintenance.task import NOTHING, as_owner, tell
from tenants.deletion import purge_deleted, soft_models
from tenants.lifecycle import grace_start, purge_organizations
from tenants.models import Organization, OrgStatus


def purge_start() -> datetime:
    """Rows softly deleted before this moment are due."""
    return timezone.now() - timedelta(days=settings.TENANTRY_RETENTION_DAYS)


def look_at_deleted() -> str:
    def look() -> dict[str, int]:
        due = {"deleted_at__lt": purge_start()}
        return {m._meta.db_table: m._default_manager.filter(**due).count() for m in soft_models()}

    return tell("would purge", count_rows(as_owner(look)))


def purge_due_rows() -> str:
    return tell("purged", count_rows(as_owner(lambda: purge_deleted(purge_start()))))


def count_rows(counts: dict[str, int]) -> list[str]:
    return [f"{count} of {table}" for table, count in sorted(counts.items()) if count]


def look_at_organizations() -> str:
    due = Organization.objects.filter(status=OrgStatus.DELETING, deleting_since__lte=grace_start())
    return tell("would purge", as_owner(lambda: sorted(due.values_list("slug", flat=True))))


def purge_due_organizations() -> str:
    return tell("purged", [str(pk) for pk in purge_organizations()])


def look_at_sessions() -> str:
    due = as_owner(expired_sessions().count) + as_owner(stale_sessions().count)
    return f"would delete {due} expired" if due else NOTHING


def delete_sessions() -> str:
    deleted = as_owner(expired_sessions().delete)[0] + as_owner(delete_stale)
    return f"deleted {deleted} expired" if deleted else NOTHING


def expired_sessions() -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=timezone.now())


def preview_end() -> datetime:
    """Previews of cleanings that are older than a day are of yesterday's rows."""
    return timezone.now() - timedelta(days=1)


def look_at_access() -> str:
    due = CleaningBatch.objects.filter(state=CleaningState.PREVIEW, created_at__lt=preview_end())
    count = as_owner(due.count)
    return "would look through every organization" + (f", and forget {count} old previews" if count else "")


def review_access() -> str:
    found = as_owner(look_for_findings).found
    forgotten = as_owner(lambda: delete_old_previews(preview_end()))
    said = tell("found", [f"{count} {name}" for name, count in found.items() if count])
    return f"{said}; forgot {forgotten} old previews" if forgotten else said
