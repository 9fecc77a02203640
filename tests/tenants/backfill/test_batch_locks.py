"""What `run_batches` does when others hold locks, and when several processes run one job."""

import signal

import pytest
from django.db.backends.utils import CursorWrapper

from tenants.backfill import jobs, retry
from tenants.backfill.batches import BatchLockError, Range
from tenants.backfill.retry import Patience
from tests.tenants.backfill.counting import (
    JOB,
    ROWS,
    count_rows,
    count_up,
    execute,
    read_lines,
    read_saved,
    run_job,
    set_size,
    start_worker,
    wait_for_waiters,
)


class TestLocks:
    def test_a_row_held_for_too_long_ends_the_job_with_advice(self, numbers, stranger, hurried):
        stranger.execute("select 1 from batch_numbers where id = 250 for update")
        with pytest.raises(BatchLockError) as failure:
            list(run_job())
        assert f'"{JOB}" gave up while changing the range after' in str(failure.value)
        assert "tried 4 times, waiting at most 50 ms for a lock" in str(failure.value)
        assert "let it end, then run the same command again" in str(failure.value)

    def test_rows_before_a_held_one_are_done_and_the_rest_follows(self, numbers, stranger, hurried):
        stranger.execute("select 1 from batch_numbers where id = 250 for update")
        with pytest.raises(BatchLockError):
            list(run_job())
        assert count_rows() == {1: read_saved("rows"), 0: ROWS - read_saved("rows")}
        stranger.connection.rollback()
        list(run_job())
        assert count_rows() == {1: ROWS}

    def test_a_lock_released_meanwhile_is_had_at_a_later_attempt(self, numbers, stranger, monkeypatch):
        pauses: list[float] = []

        def release_in_the_third_pause(pause: float) -> None:
            pauses.append(pause)
            if len(pauses) == 3:
                stranger.connection.rollback()

        monkeypatch.setattr(retry, "sleep", release_in_the_third_pause)
        stranger.execute("select 1 from batch_numbers where id = 1 for update")
        list(run_job(lock_ms=1))
        assert len(pauses) == 3
        assert count_rows() == {1: ROWS}

    def test_a_table_locked_against_reading_is_not_waited_for(self, numbers, stranger, hurried):
        stranger.execute("lock table batch_numbers in access exclusive mode")
        with pytest.raises(BatchLockError, match="count up"):
            list(run_job())

    def test_a_turn_that_never_comes_ends_the_job_as_well(self, numbers, stranger, hurried, monkeypatch):
        monkeypatch.setattr(jobs, "TURN_MS", 5)
        run = run_job()
        next(run)
        stranger.execute("select 1 from private.batch_jobs for update")
        with pytest.raises(BatchLockError, match="waiting for its other process"):
            next(run)

    @pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
    def test_a_deadlock_or_serialization_failure_is_tried_again(self, numbers, monkeypatch, sqlstate):
        monkeypatch.setattr(retry, "sleep", lambda pause: None)
        failures = iter([True, True])

        def stumble(db: CursorWrapper, rows: Range) -> int:
            changed = count_up(db, rows)
            if next(failures, False):
                db.execute(f"do $$ begin raise exception using errcode = '{sqlstate}'; end $$")
            return changed

        list(run_job(apply=stumble))
        assert count_rows() == {1: ROWS}

    def test_pauses_double_up_to_a_bound_and_are_spread(self):
        patience = Patience(first_pause=1, longest_pause=8)
        for failures, longest in [(1, 1), (2, 2), (3, 4), (4, 8), (9, 8)]:
            assert longest / 2 <= patience.draw_pause(failures) <= longest
        assert len({patience.draw_pause(4) for _ in range(20)}) > 1

    def test_the_lock_timeout_ends_with_its_transaction(self, numbers):
        before = execute("show lock_timeout")
        list(run_job())
        assert execute("show lock_timeout") == before


class TestProcesses:
    def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(self, numbers):
        for batches_before_the_kill in (1, 3, 2, 4):
            worker = start_worker(pause="0.004")
            read_lines(worker, batches_before_the_kill)
            worker.send_signal(signal.SIGKILL)
            worker.communicate()
            # In one statement: the server may still be committing for a client that is dead.
            assert read_saved("rows = (select sum(done) from batch_numbers)")
        list(run_job())
        assert count_rows() == {1: ROWS}
        assert read_saved("rows") == ROWS

    def test_two_processes_at_once_take_turns_and_double_nothing(self, numbers, stranger):
        set_size(10)
        stranger.execute("select 1 from private.batch_jobs for update")
        workers = [start_worker(pause="0.002") for _ in range(2)]
        wait_for_waiters(2)
        stranger.connection.rollback()
        shares = [worker.communicate()[0].splitlines() for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0]
        assert all(shares)
        assert len(shares[0]) + len(shares[1]) == len({*shares[0], *shares[1]})
        assert count_rows() == {1: ROWS}
        assert read_saved("rows") == ROWS
