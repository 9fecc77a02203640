"""What a fill promises: every row its person's organization, nothing else changed, everything put back."""

import pytest
from django.utils import timezone

from tenants.backfill.changes import undo_temporary
from tenants.backfill.events import Batch, Finished, Parked
from tenants.backfill.fill import hot_passes, rounds
from tenants.backfill.fill.run import sweep_table
from tenants.models import Conversion, ConversionChange, ConversionShare, TableState
from tests.tenants.backfill.converting import make_plan, take_to_column
from tests.tenants.backfill.fill.filling import begin_notes, count_wrong, fill, make_settings, table_of
from tests.tenants.backfill.legacy import ODD, Legacy, make_people

ROWS = 4_000
# A row's own bytes, apart from org_id.
CONTENT = "select md5(string_agg(row(id, owner_id, body, changed)::text, '|' order by id)) from {s}.notes"


@pytest.fixture(autouse=True)
def small_shares(monkeypatch):
    monkeypatch.setattr(rounds, "PAGES_PER_SHARE", 10)


class TestEveryRow:
    def test_has_the_organization_of_its_person_and_no_other_change(self, legacy):
        conversion = begin_notes(legacy, ROWS)
        before = legacy.run(CONTENT)
        events = fill(conversion)
        assert count_wrong(legacy) == 0
        assert legacy.run(CONTENT) == before
        assert [e.table for e in events if isinstance(e, Finished)] == [legacy.quote("notes")]

    def test_is_told_once_whatever_the_batches(self, legacy):
        conversion = begin_notes(legacy, ROWS)
        batches = [e for e in fill(conversion) if isinstance(e, Batch)]
        table = table_of(conversion, "notes")
        assert sum(b.batch_rows for b in batches) == table.rows_changed == ROWS
        assert table.strategy == "hot_passes"

    def test_keeps_what_it_had_before(self, legacy, other_org):
        conversion = begin_notes(legacy, 100)
        legacy.run("alter table {s}.notes disable trigger user")
        legacy.run("update {s}.notes set org_id = %s where id = 1", [other_org.pk])
        legacy.run("alter table {s}.notes enable trigger user")
        fill(conversion)
        assert count_wrong(legacy) == 1

    @pytest.mark.parametrize("index", ["(org_id)", "(id) where org_id is null", "((org_id::text))"])
    def test_is_reached_by_key_where_an_index_uses_org_id(self, legacy, index):
        conversion = begin_notes(legacy, ROWS)
        legacy.run("create index on {s}.notes " + index)
        fill(conversion)
        assert (table_of(conversion, "notes").strategy, count_wrong(legacy)) == ("keyset", 0)


class TestTables:
    def test_of_all_kinds_are_filled_parents_first(self, legacy):
        people = make_people(3)
        ids = legacy.add_people(*people)
        fill_world(legacy, ids)
        conversion = take_to_column(make_plan(legacy))
        events = fill(conversion)
        assert [e for e in events if isinstance(e, Parked)] == []
        assert conversion.tables.exclude(phase="fill").count() == 0
        for table in ("orders", "order_lines", "line_marks", "notes", '"Odd ""Names"" %s"', "events", "log"):
            left, orgs = legacy.run(
                f"select count(*) filter (where org_id is null), count(distinct org_id) from {{s}}.{table}"
            )[0]
            assert (table, left, orgs) == (table, 0, 3)

    def test_without_a_row_are_filled(self, legacy):
        conversion = take_to_column(make_plan(legacy))
        fill(conversion)
        assert conversion.tables.exclude(phase="fill").count() == 0

    def test_of_one_organization_are_only_checked(self, legacy, org):
        legacy.run("insert into {s}.rates select g::text, g from generate_series(1, 500) g")
        conversion = take_to_column(make_plan(legacy, {"rates": f"org:{org.slug}"}))
        places = legacy.run("select min(xmin::text), max(ctid) from {s}.rates")
        fill(conversion)
        assert table_of(conversion, "rates").strategy == "check"
        assert legacy.run("select min(xmin::text), max(ctid) from {s}.rates") == places
        assert legacy.run("select distinct org_id from {s}.rates") == [(org.pk,)]

    def test_of_one_organization_are_filled_where_the_column_stood_before(self, legacy, org):
        legacy.run("insert into {s}.rates select g::text, g from generate_series(1, 500) g")
        legacy.run("alter table {s}.rates add org_id uuid")
        conversion = take_to_column(make_plan(legacy, {"rates": f"org:{org.slug}"}))
        fill(conversion)
        assert legacy.run("select distinct org_id from {s}.rates") == [(org.pk,)]


POLICIES = (
    "select polname, polpermissive, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)"
    " from pg_policy where polrelid = '{s}.notes'::regclass order by 1"
)


class TestRowSecurity:
    def test_is_passed_by_the_batches_only_and_stands_afterwards_as_it_stood(self, legacy):
        conversion = begin_notes(legacy, ROWS)
        legacy.run(
            "create policy few on {s}.notes using (id < 10);"
            "create policy fewer on {s}.notes as restrictive using (id < 5 or body = 'a) or (b');"
            "create policy checked on {s}.notes as restrictive for update with check (changed < 9);"
            "alter table {s}.notes enable row level security; alter table {s}.notes force row level security"
        )
        before = legacy.run(POLICIES)
        seen = []

        def look_beside() -> bool:
            seen.extend(legacy.run_as_app("select count(*) from {s}.notes"))
            return False

        fill(conversion, should_stop=look_beside)
        undo_temporary(conversion, lock_ms=200)
        assert set(seen) == {(4,)}
        assert legacy.run(POLICIES) == before
        legacy.run(
            "alter table {s}.notes no force row level security; alter table {s}.notes disable row level security"
        )
        assert count_wrong(legacy) == 0

    def test_is_passed_where_a_policy_needs_a_setting_of_the_application(self, legacy):
        conversion = begin_notes(legacy, 100)
        legacy.run(
            "create policy own on {s}.notes as restrictive using (owner_id = current_setting('shop.person')::bigint);"
            "alter table {s}.notes enable row level security; alter table {s}.notes force row level security"
        )
        fill(conversion)
        legacy.run(
            "alter table {s}.notes no force row level security; alter table {s}.notes disable row level security"
        )
        assert count_wrong(legacy) == 0


class TestPartitions:
    def test_that_are_attached_meanwhile_are_filled_too(self, legacy):
        (one,) = legacy.add_people(*make_people(1))
        legacy.run("insert into {s}.events (at, user_id) select '2024-06-01', %s from generate_series(1, 900)", [one])
        conversion = take_to_column(make_plan(legacy, {"events": "user:user_id"}))
        asked: list[bool] = []

        def attach_once() -> bool:
            if not asked:
                legacy.run("create table {s}.late (like {s}.events including all excluding identity)")
                legacy.run("insert into {s}.late (id, at, user_id) values (1, '2031-01-01', %s)", [one])
                legacy.run(
                    "alter table {s}.events attach partition {s}.late for values from ('2030-01-01') to (maxvalue)"
                )
            asked.append(True)
            return False

        fill(conversion, should_stop=attach_once)
        assert legacy.run("select count(*), count(org_id) from {s}.events") == [(901, 901)]


class TestAfterwards:
    def test_nothing_temporary_is_left(self, legacy):
        conversion = begin_notes(legacy, ROWS)
        legacy.run("alter table {s}.notes set (autovacuum_enabled = true)")
        fill(conversion)
        left = ConversionChange.objects.filter(
            conversion=conversion, temporary=True, undone_at=None, table__isnull=False
        )
        assert list(left) == []
        assert legacy.run("select reloptions from pg_class where oid = '{s}.notes'::regclass") == [
            (["autovacuum_enabled=true"],)
        ]

    def test_a_second_fill_does_nothing(self, legacy):
        conversion = begin_notes(legacy, ROWS)
        fill(conversion)
        assert fill(conversion) == []

    def test_a_stopped_one_goes_on(self, legacy):
        conversion = begin_notes(legacy, ROWS)
        asked = iter([False] * 4)
        fill(conversion, should_stop=lambda: next(asked, True))
        left = legacy.run("select count(*) from {s}.notes where org_id is null")[0][0]
        assert 0 < left < ROWS
        assert ConversionShare.objects.filter(table__conversion=conversion, state="taken").count() == 0
        fill(conversion)
        assert count_wrong(legacy) == 0

    def test_a_paused_one_does_nothing_until_it_is_resumed(self, legacy):
        conversion = begin_notes(legacy, ROWS)
        Conversion.objects.filter(pk=conversion.pk).update(paused_at=timezone.now())
        assert [e for e in fill(conversion) if isinstance(e, Batch)] == []
        Conversion.objects.filter(pk=conversion.pk).update(paused_at=None)
        fill(conversion)
        assert count_wrong(legacy) == 0


class TestLiveWriters:
    def test_rows_that_move_meanwhile_are_swept(self, legacy, monkeypatch):
        conversion = begin_notes(legacy, ROWS)
        moved = iter(range(10))

        def move_rows() -> bool:
            if next(moved, None) is not None:
                legacy.run_as_app("update {s}.notes set changed = changed + 1 where org_id is null and id % 7 = 0")
            return False

        fill(conversion, should_stop=move_rows)
        assert count_wrong(legacy) == 0

    def test_a_child_follows_a_parent_that_changes_its_person(self, legacy):
        people = make_people(2)
        first, second = legacy.add_people(*people)
        legacy.run("insert into {s}.orders (region, no, user_id) values ('n', 1, %s)", [first])
        legacy.run("insert into {s}.order_lines (region, no) values ('n', 1)")
        routes = {"orders": "user:user_id", "order_lines": "parent:region,no->{s}.orders(region,no)"}
        conversion = take_to_column(make_plan(legacy, routes))
        fill(conversion)
        legacy.run_as_app("update {s}.orders set user_id = %s", [second])
        table = table_of(conversion, "order_lines")
        sweep(table)
        assert legacy.run(
            "select count(distinct o.org_id), count(*) from {s}.orders o join {s}.order_lines l on l.org_id = o.org_id"
        ) == [(1, 1)]


class TestTrouble:
    def test_a_row_that_always_fails_is_set_aside_and_the_others_go_on(self, legacy):
        conversion = begin_notes(legacy, ROWS)
        legacy.run("alter table {s}.notes add constraint picky check (id <> 777 or org_id is null)")
        events = fill(conversion)
        table = table_of(conversion, "notes")
        assert legacy.run("select id from {s}.notes where org_id is null") == [(777,)]
        assert (table.state, "picky" in table.reason) == (TableState.PARKED, True)
        assert any(isinstance(e, Parked) for e in events)
        legacy.run("alter table {s}.notes drop constraint picky")
        fill(conversion)
        assert (table_of(conversion, "notes").phase, count_wrong(legacy)) == ("fill", 0)

    def test_a_row_that_is_held_is_filled_once_it_is_free(self, legacy, stranger, monkeypatch):
        conversion = begin_notes(legacy, 300)
        stranger.execute("set role none")
        stranger.execute(f"select 1 from {legacy.schema}.notes where id = 99 for update")
        events = fill(conversion, lock_ms=5)
        assert legacy.run("select id from {s}.notes where org_id is null") == [(99,)]
        assert any(isinstance(e, Parked) for e in events)
        stranger.connection.rollback()
        fill(conversion)
        assert count_wrong(legacy) == 0

    def test_a_trigger_that_writes_other_columns_is_found_out(self, legacy):
        conversion = begin_notes(legacy, 50)
        add_trigger(legacy)
        conversion.tables.update(decisions=table_of(conversion, "notes").decisions | {"triggers": "fire"})
        fill(conversion)
        assert "would have changed in other columns than org_id" in table_of(conversion, "notes").reason
        assert legacy.run("select sum(changed) from {s}.notes") == [(0,)]


def add_trigger(legacy: Legacy) -> None:
    legacy.run(
        "create function {s}.count_up() returns trigger language plpgsql as"
        " 'begin new.changed := old.changed + 1; return new; end';"
        "create trigger touch before update on {s}.notes for each row execute function {s}.count_up()"
    )


def sweep(table) -> None:
    list(sweep_table(table, make_settings()))


def fill_world(legacy: Legacy, ids: list[int]) -> None:
    for number in range(60):
        person = ids[number % 3]
        legacy.run("insert into {s}.orders (region, no, user_id) values ('n', %s, %s)", [number, person])
        legacy.run("insert into {s}.order_lines (region, no) values ('n', %s)", [number])
        legacy.run("insert into {s}.line_marks (line_id) select max(id) from {s}.order_lines")
        legacy.run("insert into {s}.notes (owner_id) values (%s)", [person])
        legacy.run(
            f'insert into {{s}}."{ODD.replace(chr(34), chr(34) * 2).replace("%", "%%")}" values (%s, %s)',
            [number, str(person)],
        )
        legacy.run("insert into {s}.events (at, user_id) values (%s, %s)", [f"20{20 + number % 10}-03-01", person])
        legacy.run("insert into {s}.log (user_id) values (%s)", [person])


def test_passes_are_a_power_of_two():
    assert hot_passes.PASSES & (hot_passes.PASSES - 1) == 0
