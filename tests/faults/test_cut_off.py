"""Sessions that the server ends in the middle of the work: a sentence, nothing half done, the next start goes on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from config.org_archive.catalog import read_catalog
from config.org_archive.container import open_archive
from config.org_archive.source import Source
from config.org_archive.staging import fill_stage
from tenants.models import MetricEvent, SyncJob
from tenants.vault.rotation import count_outstanding
from tests.config.org_archive.conftest import archive, sides
from tests.config.org_archive.moving import export
from tests.factories import make_org
from tests.faults.busy import BATCH, Busy, wait_for
from tests.faults.busy import finish as finish_run
from tests.faults.ending import cut_off, finish, held, start, wait_until_blocked
from tests.faults.ground import Ground
from tests.faults.test_killed_rotation import RINGS, assert_readable
from tests.tenants.sync.sources import lines, make_source, place_of, values
from tests.tenants.vault.vaults import make_with_credential
from tests.worlds import Side

__all__ = ["archive", "sides"]
SESSIONS = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
EVENTS = 3_000


def test_a_conversion_that_is_cut_off_says_so_and_goes_on(ground: Ground) -> None:
    busy = Busy(ground, 20_000)
    process = ground.start_on_plan("run", "--batch-ms", "5")
    said = wait_for(process, BATCH)
    ground.run(SESSIONS)
    code, said = finish_run(process, said)
    assert code == 1, said
    assert "Traceback" not in said
    assert "terminating connection" in said, said
    assert f"run --plan {ground.plan}" in said.splitlines()[-1], said
    ground.must("run")
    busy.judge()


@pytest.mark.django_db(transaction=True)
def test_a_task_of_maintain_that_is_cut_off_fails_alone_and_the_next_maintain_does_it() -> None:
    old = timezone.now() - timedelta(days=90)
    Session.objects.create(session_key="old", session_data="", expire_date=old)
    with held("django_session") as session:
        process = start("maintain")
        cut_off(wait_until_blocked(session, process))
    code, said = finish(process)
    assert code == 1, said
    assert "✗ sessions" in said
    assert "✓ access-review" in said, said
    assert "sessions did not finish" in said
    code, said = finish(start("maintain"))
    assert code == 0, said
    assert not Session.objects.exists()


def test_an_export_that_is_cut_off_in_a_table_says_what_to_type_and_leaves_no_file(
    sides: tuple[Side, Side], archive: Path
) -> None:
    with held("customers", "access exclusive") as session:
        process = start("export_org", sides[0].org.slug, "--to", str(archive))
        cut_off(wait_until_blocked(session, process))
    code, said = finish(process)
    assert code == 1, said
    assert "Traceback" not in said
    assert "type again: manage.py export_org" in said
    assert list(archive.parent.iterdir()) == []


def copy_in_and_cut_off(path: Path) -> None:
    """The server is gone when the first rows are to be sent."""
    with open_archive(path) as (file, manifest), transaction.atomic(), connection.cursor() as cursor:
        table = next(t for t in read_catalog(cursor).tables if t.name == "customers")
        source = Source(file, manifest, "", is_known=False)
        rows = source.file_of(table)
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()

        def lose_connection() -> Iterator[bytes]:
            cut_off([pid])
            yield from source.pieces_of(rows)

        fill_stage(cursor, table, rows, lose_connection())


def test_a_connection_lost_while_rows_are_copied_in_is_no_fault_of_the_rows(
    sides: tuple[Side, Side], archive: Path
) -> None:
    export(sides[0].org, archive)
    with pytest.raises(OperationalError):
        copy_in_and_cut_off(archive)


@pytest.mark.django_db(transaction=True)
def test_a_rotation_that_is_cut_off_leaves_every_credential_readable_and_the_next_ends_it(settings: Any) -> None:
    settings.TENANTRY_VAULT_KEYS = RINGS[0]
    org = make_org()
    made = [make_with_credential(org, f"secret {org.pk} Shop {n}", f"Shop {n}") for n in range(3)]
    with held("private.vault_keys") as session:
        process = start("rotate_keys", "--data-keys", TENANTRY_VAULT_KEYS=RINGS[0])
        cut_off(wait_until_blocked(session, process))
    code, said = finish(process)
    assert code == 1, said
    assert "Traceback" not in said
    assert "type again: manage.py rotate_keys" in said
    assert_readable(made)
    code, said = finish(start("rotate_keys", "--data-keys", TENANTRY_VAULT_KEYS=RINGS[0]))
    assert code == 0, said
    assert_readable(made)
    assert not count_outstanding().anything


@pytest.mark.django_db(transaction=True)
def test_a_sync_that_is_cut_off_is_told_on_its_job_and_the_next_brings_the_rest_once(tmp_path: Any) -> None:
    org = make_org()
    source = make_source(org, tmp_path)
    place_of(source, tmp_path, "events.jsonl").write_text(lines(0, EVENTS))
    environment = {"TENANTRY_SYNC_DIR": str(tmp_path), "TENANTRY_SYNC_LEASE_SECONDS": "0"}
    with held("metric_events") as session:
        process = start("run_sync", **environment)
        cut_off(wait_until_blocked(session, process))
    code, said = finish(process)
    assert code == 1, said
    assert "Traceback" not in said
    assert SyncJob.objects.get().status == "failed"
    SyncJob.objects.update(created_at=timezone.now() - timedelta(days=2))
    code, said = finish(start("run_sync", **environment))
    assert code == 0, said
    assert values(org) == [*range(EVENTS)]
    assert MetricEvent.objects.count() == EVENTS
