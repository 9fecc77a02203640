"""What `run_batches` promises: every row once, whatever happens in between."""

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from tenants.backfill.batches import BatchSetupError, Range, forget_job
from tests.databases import login_session
from tests.tenants.backfill.counting import (
    JOB,
    ROWS,
    count_rows,
    count_up,
    execute,
    passed_range,
    read_saved,
    run_job,
    set_size,
)


class TestEveryRowOnce:
    def test_all_rows_are_changed_and_the_last_progress_says_finished(self, numbers):
        seen = list(run_job())
        assert count_rows() == {1: ROWS}
        assert [progress.finished for progress in seen] == [False] * (len(seen) - 1) + [True]
        assert seen[-1].rows == sum(progress.batch_rows for progress in seen) == ROWS

    def test_ranges_follow_each_other_without_gap_or_overlap(self, numbers):
        ranges = [passed_range(progress) for progress in run_job()]
        assert [r.after for r in ranges] == [None, *(r.upto for r in ranges[:-1])]

    def test_a_range_holds_the_rows_that_were_asked_for_in_the_order_of_the_key(self, numbers):
        set_size(150)
        first = next(run_job())
        assert (passed_range(first).upto, passed_range(first).seen, first.batch_rows) == (["150"], 150, 150)

    def test_an_empty_table_finishes_the_job(self, numbers):
        execute("delete from batch_numbers")
        assert [(progress.range, progress.finished) for progress in run_job()] == [(None, True)]
        assert read_saved("finished_at") is not None

    def test_rows_appended_for_ever_do_not_keep_the_job_from_its_end(self, numbers):
        for _ in run_job():
            execute("insert into batch_numbers (id) select max(id) + 1 from batch_numbers")
        assert read_saved("finished_at") is not None

    def test_nothing_happens_before_the_first_batch_is_asked_for(self, numbers):
        run_job()
        assert count_rows() == {0: ROWS}


class TestGoingOn:
    def test_a_closed_run_goes_on_at_its_cursor(self, numbers):
        first = run_job()
        stopped_at = next(first)
        first.close()
        again = list(run_job())
        assert passed_range(again[0]).after == passed_range(stopped_at).upto
        assert count_rows() == {1: ROWS}
        assert read_saved("rows") == ROWS

    def test_a_finished_job_does_nothing(self, numbers):
        list(run_job())
        assert list(run_job()) == []
        assert count_rows() == {1: ROWS}

    def test_a_forgotten_job_starts_over(self, numbers):
        list(run_job())
        forget_job(JOB)
        list(run_job())
        assert count_rows() == {2: ROWS}

    def test_a_job_may_be_forgotten_in_a_transaction_as_a_migration_reversed_does(self, numbers):
        list(run_job())
        with transaction.atomic():
            forget_job(JOB)
        assert execute("select 1 from private.batch_jobs where job = %s", [JOB]) == []

    def test_a_job_forgotten_while_it_runs_says_so(self, numbers):
        run = run_job()
        next(run)
        forget_job(JOB)
        with pytest.raises(BatchSetupError, match=r"count up.*was forgotten while it ran"):
            next(run)

    def test_a_failing_batch_is_rolled_back_whole_and_names_its_range(self, numbers):
        def fail_on_the_second(db: CursorWrapper, rows: Range) -> int:
            changed = count_up(db, rows)
            if rows.after is not None:
                db.execute("insert into batch_numbers (id) values (1)")
            return changed

        run = run_job(apply=fail_on_the_second)
        done = next(run).batch_rows
        with pytest.raises(IntegrityError) as failure:
            next(run)
        assert "count up" in failure.value.__notes__[0]
        assert "changing the range after ['200']" in failure.value.__notes__[0]
        assert count_rows() == {1: done, 0: ROWS - done}
        assert read_saved("rows") == done

    def test_ctrl_c_within_a_batch_rolls_it_back_and_the_next_call_goes_on(self, numbers):
        def interrupt(db: CursorWrapper, rows: Range) -> int:
            count_up(db, rows)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            next(run_job(apply=interrupt))
        assert count_rows() == {0: ROWS}
        list(run_job())
        assert count_rows() == {1: ROWS}

    def test_a_lost_connection_loses_one_batch_and_the_next_call_goes_on(self, numbers):
        def lose_connection(db: CursorWrapper, rows: Range) -> int:
            count_up(db, rows)
            # The login may end its own sessions; the owner role, in which the tests act, may not.
            with login_session() as killer:
                killer.execute("select pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
            return count_up(db, rows)

        next(run_job())
        with pytest.raises(OperationalError):
            list(run_job(apply=lose_connection))
        connection.close()
        list(run_job())
        assert count_rows() == {1: ROWS}


class TestRefusals:
    def test_it_refuses_to_run_inside_a_transaction(self, numbers):
        with transaction.atomic(), pytest.raises(BatchSetupError, match="atomic = False"):
            run_job()

    def test_it_refuses_a_transaction_opened_between_two_batches(self, numbers):
        run = run_job()
        next(run)
        with transaction.atomic(), pytest.raises(BatchSetupError, match="inside a transaction"):
            next(run)

    @pytest.mark.parametrize("limits", [{"lock_ms": 0}, {"batch_ms": 0}])
    def test_it_refuses_limits_that_bound_nothing(self, numbers, limits):
        with pytest.raises(BatchSetupError, match="1 or more"):
            run_job(**limits)

    def test_it_refuses_a_job_without_a_name(self, numbers):
        with pytest.raises(BatchSetupError, match="needs a name"):
            run_job(job="")


class TestStateTable:
    def test_nobody_but_the_owner_role_may_touch_it(self, transactional_db):
        others = execute(
            "select grantee from information_schema.role_table_grants"
            " where table_schema = 'private' and table_name = 'batch_jobs' and grantee <> 'tenantry_owner'"
        )
        secured = execute(
            "select relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner)"
            " from pg_class where oid = 'private.batch_jobs'::regclass"
        )
        assert others == []
        assert secured == [(True, True, "tenantry_owner")]

    def test_the_log_learns_the_name_of_the_job(self, numbers):
        actors = []

        def ask_actor(db: CursorWrapper, rows: Range) -> int:
            db.execute("select current_setting('tenantry.job')")
            actors.append(db.fetchone()[0])
            return 0

        next(run_job(apply=ask_actor))
        assert actors == [JOB]
