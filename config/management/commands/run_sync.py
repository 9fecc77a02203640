"""`manage.py run_sync`: reads what is new from connections, once or for as long as it is let."""

import time
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.db import transaction
from django.db.models import Q

from config.chosen import find_org
from config.prepared import PreparedCommand
from config.stopping import raise_on_stop
from tenants.models import IntegrationConnection, SyncJob, SyncStatus
from tenants.scope import owner_scope
from tenants.sync.jobs import JOB, request_due
from tenants.sync.run import Ended, run_next

POLL_SECONDS = 5.0
MARKS = {SyncStatus.SUCCEEDED: "✓", SyncStatus.FAILED: "✗"}


class Command(PreparedCommand):
    """Any number may run at once, and each may be killed at any moment: the next goes on where it was."""

    help = "Synchronize connections: jobs that wait, and connections that are due. Safe to kill, and to run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", metavar="SLUG", help="only this organization's connections")
        parser.add_argument("--connection", metavar="ID", type=read_id, help="only this connection, due or not")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="what there is to do now; this is the default")
        how.add_argument("--loop", action="store_true", help="go on until stopped")
        how.add_argument("--dry-run", action="store_true", help="only name the jobs that wait")

    def handle(self, *args: Any, **options: Any) -> None:
        jobs, connections = choose(options["org"], options["connection"])
        every = None if options["connection"] else timedelta(minutes=settings.TENANTRY_SYNC_MINUTES)
        if options["dry_run"]:
            self.stdout.write(name_waiting(jobs))
            return
        raise_on_stop()
        try:
            failed = self.work(jobs, connections, every)
            while options["loop"]:
                time.sleep(POLL_SECONDS)
                self.work(jobs, connections, timedelta(minutes=settings.TENANTRY_SYNC_MINUTES))
        except KeyboardInterrupt:
            self.stdout.write("Stopped; what was read is kept, and the next run goes on.")
            return
        if failed:
            raise CommandError(
                f"{failed} of the sync jobs failed, as told above; what they had read is kept."
                " When it is mended: manage.py run_sync"
            )

    def work(self, jobs: Q, connections: Q, every: timedelta | None) -> int:
        """Everything that can be done now; return how many failed."""
        request_due(connections, every=every)
        failed = 0
        while ended := run_next(jobs):
            self.stdout.write(tell(ended))
            self.stdout.flush()
            failed += ended.status == SyncStatus.FAILED
        return failed


def read_id(text: str) -> UUID:
    """What argparse cannot say better itself."""
    try:
        return UUID(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no id of a connection: GET /api/integrations/ lists them") from error


def choose(slug: str | None, connection_id: UUID | None) -> tuple[Q, Q]:
    """Which jobs, and which connections."""
    jobs, connections = Q(), Q()
    if slug:
        org_id = find_org(slug, "Leave out --org to synchronize all of them.").pk
        jobs, connections = jobs & Q(org_id=org_id), connections & Q(org_id=org_id)
    if connection_id:
        if not IntegrationConnection.objects.filter(connections, pk=connection_id).exists():
            raise CommandError(f"There is no connection {connection_id}: GET /api/integrations/ lists them.")
        jobs, connections = jobs & Q(connection_id=connection_id), connections & Q(pk=connection_id)
    return jobs, connections


def name_waiting(jobs: Q) -> str:
    with transaction.atomic(), owner_scope(JOB):
        found = list(SyncJob.objects.filter(jobs, status=SyncStatus.PENDING).select_related("connection", "org"))
    return "\n".join(f"waiting: {job.connection} of {job.org}" for job in found) or "No sync job waits."


def tell(ended: Ended) -> str:
    job = ended.job
    counts = f"{job.events_read:,} events read, {job.events_added:,} of them new"
    return f"{MARKS.get(SyncStatus(ended.status), '-')} {ended.name}: {ended.status}, {counts}. {ended.error}".strip()
