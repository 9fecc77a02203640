"""The keyset strategy: any comparable key, any name, every row."""

import json
from collections.abc import Iterator

import pytest
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.batches import BatchSetupError, Keyset, Range, forget_job
from tests.tenants.backfill.counting import (
    JOB,
    ROWS,
    TABLE,
    count_rows,
    execute,
    run_job,
    set_size,
)


class TestKeyset:
    @pytest.fixture
    def odd_table(self, transactional_db: None) -> Iterator[Keyset]:
        execute(
            'create table "Odd "" Table" ("Region %s" text, "from" timestamptz, n integer default 0,'
            ' primary key ("Region %s", "from"))'
        )
        execute(
            "insert into \"Odd \"\" Table\" select r, timestamptz '2025-01-01' + i * interval '1 us'"
            " from unnest(array['a', '50%', 'it''s', E'back\\\\slash', '']) r, generate_series(1, 30) i"
        )
        yield Keyset('Odd " Table', "Region %s", "from")
        execute('drop table "Odd "" Table"')
        forget_job(JOB)

    def test_composite_keys_with_quoted_names_and_awkward_values_are_walked_once(self, odd_table):
        set_size(7)

        def add_one(db: CursorWrapper, rows: Range) -> int:
            update = sql.SQL("update {} as t set n = n + 1 where {}")
            db.execute(update.format(odd_table.table, odd_table.condition(rows, alias="t")))
            return int(db.rowcount)

        assert sum(p.batch_rows for p in run_job(next_range=odd_table, apply=add_one, batch_ms=1)) == 150
        assert execute('select distinct n from "Odd "" Table"') == [(1,)]

    def test_a_batch_is_planned_by_its_own_rows_where_half_a_table_shares_the_first_column(self, odd_table):
        execute(
            "insert into \"Odd \"\" Table\" select r, timestamptz '2026-01-01' + i * interval '1 us'"
            " from unnest(array['a', 'b']) r, generate_series(1, 20000) i"
        )
        execute('analyze "Odd "" Table"')
        after, upto = (["a", f"2026-01-01 00:00:00.01{n}+00"] for n in (1, 2))
        within = odd_table.condition(Range(after, upto), alias="t")
        explain = sql.SQL("explain (format json) select from {} t where {}").format(odd_table.table, within)
        count = sql.SQL("select count(*) from {} t where {}").format(odd_table.table, within)
        ((found,),) = execute(count.as_string(None))
        ((plan,),) = execute(explain.as_string(None))
        guessed = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"]
        assert found == 1000
        assert guessed < 5 * found

    def test_a_key_that_may_be_null_is_refused(self, numbers):
        with pytest.raises(BatchSetupError, match=r"cannot walk by missing.*primary key"):
            list(run_job(next_range=Keyset(TABLE, "id", "missing")))

    def test_equal_keys_are_not_torn_apart(self, numbers):
        execute("alter table batch_numbers drop constraint batch_numbers_pkey")
        execute("update batch_numbers set id = id / 150")
        list(run_job())
        assert count_rows() == {1: ROWS}

    def test_a_table_of_another_schema_is_named_by_a_pair(self):
        assert Keyset(("legacy", "Call.Logs"), "id").table.as_string() == '"legacy"."Call.Logs"'

    def test_a_keyset_without_columns_is_refused(self):
        with pytest.raises(BatchSetupError, match="needs a key"):
            Keyset(TABLE)
