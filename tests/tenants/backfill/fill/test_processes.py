"""Several processes and one table: killed, stopped, woken, asked to end; every row once, nothing missed."""

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenants.backfill.changes import undo_temporary
from tenants.backfill.fill.shares import claim_share, make_shares
from tenants.models import ConversionShare, ConversionWorker
from tests.tenants.backfill.fill.filling import (
    begin_notes,
    count_wrong,
    fill,
    read_lines,
    start_worker,
    table_of,
    wait_until,
)

ROWS = 60_000
# So wide and so slow that a fill lasts until the test is done with it.
SLOW = {"batch_ms": 5, "pause": 0.005}


@pytest.fixture
def notes(legacy):
    return begin_notes(legacy, ROWS, wide=400)


def count_filled(legacy) -> int:
    return int(legacy.run("select count(*) from {s}.notes where org_id is not null")[0][0])


class TestKilled:
    def test_9_at_any_moment_loses_nothing_and_counts_nothing_twice(self, legacy, notes):
        for batches in (2, 7, 4, 11):
            worker = start_worker(notes, lead=True, **SLOW)
            read_lines(worker, batches)
            worker.send_signal(signal.SIGKILL)
            worker.communicate()
        fill(notes)
        assert count_wrong(legacy) == 0
        assert table_of(notes, "notes").rows_changed == ROWS

    def test_a_dead_workers_share_is_taken_over_at_once(self, legacy, notes):
        worker = start_worker(notes, lead=True, lease_seconds=3600, **SLOW)
        read_lines(worker, 4)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        fill(notes, lease_seconds=3600)
        assert count_wrong(legacy) == 0

    def test_its_leftovers_are_put_back_by_the_next_run(self, legacy, notes):
        worker = start_worker(notes, lead=True, **SLOW)
        read_lines(worker, 3)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        assert legacy.run("select reloptions from pg_class where oid = '{s}.notes'::regclass") != [(None,)]
        fill(notes)
        assert legacy.run("select reloptions from pg_class where oid = '{s}.notes'::regclass") == [(None,)]

    def test_a_sweep_that_was_killed_is_no_ones_until_it_is_begun_again(self, legacy, notes):
        fill(notes)
        table = table_of(notes, "notes")
        make_shares(table, [{"oid": table.oid, "from": [0, 0], "until": [1, 0], "round": 9}])
        notes.tables.update(state="working")
        undo_temporary(notes, lock_ms=200)
        fill(notes)
        assert table_of(notes, "notes").state == "done"


class TestStalled:
    def test_a_worker_that_wakes_after_its_lease_writes_nothing(self, legacy, notes):
        worker = start_worker(notes, lead=True, lease_seconds=1, **SLOW)
        read_lines(worker, 4)
        worker.send_signal(signal.SIGSTOP)
        held = ConversionShare.objects.get(state="taken")
        # Stopped within a batch, its share is locked until the server ends the silent session.
        wait_until(lambda: held.id in claim_all(notes), "its share is free")
        filled = count_filled(legacy)
        worker.send_signal(signal.SIGCONT)
        while (line := read_lines(worker, 1)[0]) and "was taken over" not in line:
            pass
        assert count_filled(legacy) == filled
        worker.send_signal(signal.SIGTERM)
        worker.communicate()
        fill(notes)
        assert count_wrong(legacy) == 0
        assert table_of(notes, "notes").rows_changed == ROWS


def claim_all(conversion):
    """Take every share that is free, for so short a time that the next one has it too."""
    taken = set()
    while (share := claim_share(conversion.pk, worker="test", lease_seconds=1)) and share.id not in taken:
        taken.add(share.id)
    return taken


class TestTogether:
    def test_two_share_a_table_and_fill_every_row_once(self, legacy, notes, stranger):
        leader = start_worker(notes, lead=True, **SLOW)
        read_lines(leader, 2)
        # The first waits for the lock, and so for the second.
        stranger.execute(f"set local role none; lock table {legacy.quote('notes')} in share mode")
        helper = start_worker(notes, lead=False, **SLOW)
        wait_until(lambda: ConversionWorker.objects.filter(conversion=notes).count() == 2, "the helper is at work")
        stranger.connection.rollback()
        with ThreadPoolExecutor() as readers:
            led, helped = readers.map(lambda worker: worker.communicate()[0].splitlines(), (leader, helper))
        assert (leader.returncode, helper.returncode) == (0, 0)
        assert all(any(line.startswith("Batch") for line in lines) for lines in (led, helped))
        assert count_wrong(legacy) == 0
        assert table_of(notes, "notes").rows_changed == ROWS

    def test_a_helper_without_a_leader_ends(self, notes):
        helper = start_worker(notes, lead=False)
        assert helper.communicate()[0] == "ended\n"

    def test_workers_are_seen_and_then_gone(self, legacy, notes):
        worker = start_worker(notes, lead=True, **SLOW)
        read_lines(worker, 3)
        (seen,) = ConversionWorker.objects.filter(conversion=notes)
        assert seen.name.endswith(f":{worker.pid}")
        worker.send_signal(signal.SIGTERM)
        assert worker.communicate()[0].endswith("ended\n")
        seen.refresh_from_db()
        assert seen.ended_at is not None

    def test_asked_to_end_it_ends_after_its_batch_and_gives_the_share_back(self, legacy, notes):
        worker = start_worker(notes, lead=True, **SLOW)
        read_lines(worker, 5)
        worker.send_signal(signal.SIGTERM)
        worker.communicate()
        assert worker.returncode == 0
        assert 0 < count_filled(legacy) < ROWS
        assert not ConversionShare.objects.filter(state="taken").exists()


class TestFence:
    def test_the_same_share_is_never_given_to_two(self, legacy, notes):
        worker = start_worker(notes, lead=True, **SLOW)
        read_lines(worker, 3)
        worker.send_signal(signal.SIGSTOP)
        held = ConversionShare.objects.get(state="taken")
        ours = []
        while share := claim_share(notes.pk, worker="test", lease_seconds=60):
            ours.append(share.id)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        assert held.id not in ours
        assert len(ours) == len(set(ours))
