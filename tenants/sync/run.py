"""Running jobs: each batch and where it ends are one transaction, so that no event is lost and none comes twice."""

import logging
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, IntegrityError, InternalError, OperationalError, transaction
from django.db.models import Q

from postgres.errors import first_line
from postgres.keys import new_id
from tenants.metrics.events import NewEvent, add_events, taken_window
from tenants.models import IntegrationConnection, MetricDefinition, Store, SyncJob, SyncStatus
from tenants.scope import owner_scope
from tenants.sync.adapters import Adapter, Batch, Source, SyncFailed, find_adapter
from tenants.sync.jobs import JOB, advance_job, claim_job, finish_job, release_job
from tenants.vault.credentials import CredentialUnreadable, read_credential

logger = logging.getLogger("tenantry.sync")
ACCIDENT = "Something went wrong here that nobody foresaw; an operator finds it in the log under this job's id."
# What a server says of its own troubles is not for the people of an organization.
TROUBLE = (
    "The database could not keep what was read; an operator finds why in the log under this job's id. The next goes on."
)
GONE = "The connection was deleted meanwhile."
NO_CREDENTIAL = "This connection has no credential: PUT /api/integrations/{}/credential/ stores one."
SHOWN = 5


class Overtaken(Exception):
    """The job was cancelled, or another process has it by now."""


@dataclass(frozen=True)
class Ended:
    """How one job ended."""

    job: SyncJob
    name: str
    status: str
    error: str = ""


def run_next(among: Q) -> Ended | None:
    """Take up one job and carry it to its end; None: there is none to take."""
    job = claim_job(among, new_id())
    if job is None:
        return None
    try:
        status, error = carry_out(job, job.connection)
    except BaseException:
        # Stopped by a signal: whoever starts next need not wait for the lease.
        release_job(job)
        raise
    finish_job(job, status, error=error)
    return read_end(job)


def read_end(job: SyncJob) -> Ended:
    """How it stands now; one that went with its connection while it ran is told as it was last known."""
    with transaction.atomic(), owner_scope(JOB):
        stands = SyncJob.objects.filter(org_id=job.org_id, pk=job.pk).first()
    if stands is None:
        return Ended(job, str(job.connection), SyncStatus.CANCELLED, GONE)
    return Ended(stands, str(job.connection), stands.status, stands.error)


def carry_out(job: SyncJob, connected: IntegrationConnection) -> tuple[SyncStatus, str]:
    """Read to the end of the source; what failed is told in a sentence."""
    try:
        adapter = find_adapter(connected.provider)
        source = open_source(job, connected, adapter)
        for batch in adapter.read(source, job.cursor):
            keep_batch(job, batch)
    except (SyncFailed, CredentialUnreadable, ImproperlyConfigured) as failure:
        return SyncStatus.FAILED, str(failure)
    except Overtaken:
        return SyncStatus.CANCELLED, ""
    except (OperationalError, InternalError) as trouble:
        said = (str(trouble).splitlines() or [type(trouble).__name__])[0]
        logger.error("Sync job %s of organization %s failed, PostgreSQL refused: %s", job.pk, job.org_id, said)
        return SyncStatus.FAILED, TROUBLE
    except Exception:
        logger.exception("Sync job %s of organization %s failed.", job.pk, job.org_id)
        return SyncStatus.FAILED, ACCIDENT
    return SyncStatus.SUCCEEDED, ""


def open_source(job: SyncJob, connected: IntegrationConnection, adapter: Adapter) -> Source:
    """The connection with its credential, whose reading the log keeps with the job's id."""
    credential = read_credential(job.org_id, job.connection_id, purpose=f"sync job {job.pk}")
    if credential is None and adapter.needs_credential:
        raise SyncFailed(NO_CREDENTIAL.format(job.connection_id))
    return Source(job.org_id, job.connection_id, connected.settings, credential)


def keep_batch(job: SyncJob, batch: Batch) -> None:
    """Events and cursor together; the cursor first, so that a process that lost the job writes nothing."""
    with transaction.atomic(), owner_scope(JOB):
        if not advance_job(job, batch.cursor, read=len(batch.events), added=0):
            raise Overtaken
        refuse_events(job.org_id, batch.events)
        try:
            added = add_events(job.org_id, batch.events) if batch.events else 0
        except (IntegrityError, DataError) as refused:
            raise SyncFailed(f"An event was refused: {first_line(refused)}.") from None
        advance_job(job, batch.cursor, read=0, added=added)


def refuse_events(org_id: UUID, events: list[NewEvent]) -> None:
    """What the database would refuse, in words that name it."""
    first, last = taken_window()
    keys = {event.metric_key for event in events}
    stores = {event.store_id for event in events if event.store_id}
    unknown = keys - set(MetricDefinition.objects.filter(key__in=keys).values_list("key", flat=True))
    if unknown:
        raise SyncFailed(f"There is no metric {_some(unknown)}: only metrics that are defined are taken.")
    foreign = stores - set(Store.objects.filter(org_id=org_id, pk__in=stores).values_list("pk", flat=True))
    if foreign:
        raise SyncFailed(f"There is no store {_some(foreign)} in this organization.")
    outside = {event.recorded_at.isoformat() for event in events if not first <= event.recorded_at <= last}
    if outside:
        raise SyncFailed(f"Events are taken from {first:%Y-%m-%d} to tomorrow; not those of {_some(outside)}.")


def _some(found: set[str] | set[UUID]) -> str:
    names = sorted(map(str, found))
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} others" if len(names) > SHOWN else "")
