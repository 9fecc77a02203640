"""How big batches are, and what is told about them."""

from django.db.backends.utils import CursorWrapper

from tenants.backfill.batches import Progress, Range
from tenants.backfill.pace import Pace
from tests.tenants.backfill.counting import (
    JOB,
    NUMBERS,
    ROWS,
    count_up,
    execute,
    passed_range,
    run_job,
    set_size,
)


class TestPace:
    def test_a_slow_apply_makes_batches_smaller(self, numbers):
        def dawdle(db: CursorWrapper, rows: Range) -> int:
            db.execute("select pg_sleep(0.02)")
            return count_up(db, rows)

        run = run_job(apply=dawdle, batch_ms=5)
        sizes = [next(run).batch_size for _ in range(3)]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[-1] < sizes[0]

    def test_a_slow_search_makes_batches_smaller_too(self, numbers):
        def search_slowly(db: CursorWrapper, after: object, size: int) -> Range | None:
            db.execute("select pg_sleep(0.02)")
            return NUMBERS(db, after, size)

        run = run_job(next_range=search_slowly, batch_ms=5)
        sizes = [next(run).batch_size for _ in range(3)]
        assert sizes[-1] < sizes[0]

    def test_quick_full_batches_grow_to_at_most_the_double(self):
        pace = Pace(50, size=200)
        pace.learn_from_batch(200, seconds=0.001)
        assert pace.size == 400

    def test_a_short_batch_does_not_make_the_next_one_bigger(self):
        pace = Pace(50, size=200)
        pace.learn_from_batch(3, seconds=0.001)
        assert pace.size == 200

    def test_a_server_that_is_slow_to_answer_makes_no_batch_smaller(self):
        pace = Pace(50, size=1_000)
        for _ in range(10):
            pace.learn_from_batch(None, seconds=0.1, fixed=0.09)
        assert pace.size > 1_000

    def test_what_time_alone_would_make_too_small_stays_worth_a_round_trip(self):
        pace = Pace(10, size=1_000)
        for _ in range(10):
            pace.learn_from_batch(None, seconds=0.1)
        assert pace.size == 50

    def test_after_locks_that_were_not_free_the_size_comes_back_though_the_server_is_slow(self):
        pace = Pace(10, size=1)
        for _ in range(10):
            pace.learn_from_batch(None, seconds=0.1)
        assert pace.size == 50

    def test_a_size_never_falls_below_one(self):
        pace = Pace(50, size=1)
        pace.learn_from_batch(1, seconds=10)
        pace.halve()
        assert pace.size == 1

    def test_the_size_outlives_the_process(self, numbers):
        set_size(7)
        assert passed_range(next(run_job())).seen == 7


class TestProgress:
    def test_an_analyzed_table_has_a_total_and_ends_with_nothing_remaining(self, numbers):
        execute("analyze batch_numbers")
        seen = list(run_job())
        assert seen[0].total == ROWS
        assert seen[-1].remaining == 0

    def test_a_strategy_without_estimate_has_no_total(self, numbers):
        first = next(run_job(next_range=lambda db, after, size: NUMBERS(db, after, size)))
        assert (first.total, first.seconds_left) == (None, None)

    def test_time_left_follows_from_rate_and_remaining(self):
        progress = Progress(JOB, None, 10, 10, 10, rate=5.0, remaining=20, finished=False)
        assert (progress.total, progress.seconds_left) == (30, 4.0)
