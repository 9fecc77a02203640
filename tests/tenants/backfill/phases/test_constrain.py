"""`constrain`: what stands afterwards, what is refused, and what a killed build leaves."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError
from psycopg import errors

from tenants.backfill.errors import PhaseRefused
from tenants.backfill.plan.model import read_choice
from tenants.models import Phase, QuarantinedRow, QuarantineReason
from tests.databases import login_session
from tests.tenants.backfill.phases.converting import Shop, shop

pytestmark = [pytest.mark.django_db(transaction=True)]
STANDS = """
select c.relname, a.attnotnull,
    exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and k.convalidated
        and k.conname = 'fk_' || c.relname || '_org_id'),
    exists (select from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid and x.indisvalid
        and i.relname = 'idx_' || c.relname || '_org_id')
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
where c.relnamespace = '{s}'::regnamespace and c.relkind in ('r', 'p') order by 1
"""


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_constrain") as made:
        yield made


def add_orphan(made: Shop) -> None:
    made.run("insert into {s}.notes (owner_id, body) values (null, 'nobody''s')")


def test_every_table_and_partition_has_not_null_a_checked_key_and_a_valid_index(made: Shop) -> None:
    made.constrain()
    found = made.run(STANDS)
    assert [row[0] for row in found] == [
        "events", "events_new", "events_old", "log", "notes", "order_lines", "orders"
    ]  # fmt: skip
    # Partitions' keys bear the parent's name where it came down from there.
    assert [row[1:] for row in found if "_" not in row[0]] == [(True, True, True)] * 4
    assert all(row[1] and row[3] for row in found)
    assert made.run(
        "select count(*) from pg_constraint where connamespace = '{s}'::regnamespace and not convalidated"
    ) == [(0,)]
    assert made.run(
        "select count(*) from pg_constraint where connamespace = '{s}'::regnamespace and contype = 'c'"
    ) == [(0,)]


def test_it_can_run_again_and_changes_nothing(made: Shop) -> None:
    made.constrain()
    before = made.conversion.changes.count()
    assert made.constrain_only() == []
    assert made.conversion.changes.count() == before


def test_what_was_half_done_is_finished(made: Shop) -> None:
    """As after a kill before the phase was noted."""
    made.constrain()
    made.conversion.tables.update(phase=Phase.FILL)
    made.run("alter table {s}.notes alter column org_id drop not null")
    made.constrain_only()
    assert all(row[1] for row in made.run(STANDS))


def test_rows_without_organization_refuse_it_before_anything_is_changed(made: Shop) -> None:
    add_orphan(made)
    made.fill()
    before = made.conversion.changes.filter(phase=Phase.CONSTRAIN).count()
    with pytest.raises(PhaseRefused) as refused:
        made.constrain_only()
    assert "select * from old_constrain.notes where org_id is null" in str(refused.value)
    assert "manage.py backfill_org_ids run --plan PLAN --until fill" in str(refused.value)
    assert made.conversion.changes.filter(phase=Phase.CONSTRAIN).count() == before


def test_quarantined_rows_refuse_it_with_the_command_to_see_them(made: Shop) -> None:
    made.fill()
    QuarantinedRow.objects.create(table=made.table("notes"), row_key={"id": "1"}, reason=QuarantineReason.NO_PERSON)
    with pytest.raises(PhaseRefused, match=r"old_constrain.notes: 1 rows.*quarantine --run \d+"):
        made.constrain_only()


def test_a_table_that_was_not_filled_is_refused(made: Shop) -> None:
    made.add_columns()
    with pytest.raises(PhaseRefused, match="come as far as column; fill it first"):
        made.constrain_only()


def test_a_row_of_a_person_without_organization_is_refused_with_a_sentence(made: Shop) -> None:
    made.constrain()
    with pytest.raises(IntegrityError, match=r"no organization for this row of old_constrain.notes.*owner_id is 4711"):
        made.legacy.run_as_app("insert into {s}.notes (owner_id) values (4711)")


def test_no_org_gives_them_one(made: Shop) -> None:
    made.decide_table("notes", no_org=read_choice(f"org:{made.ours.slug}"))
    made.constrain()
    made.legacy.run_as_app("insert into {s}.notes (owner_id) values (4711)")
    assert made.run("select org_id from {s}.notes where owner_id = 4711") == [(made.ours.pk,)]


def test_an_index_that_a_killed_build_left_is_built_again(made: Shop) -> None:
    made.fill()
    with login_session() as stranger, login_session() as builder:
        stranger.execute("begin; lock table old_constrain.notes in row exclusive mode")
        builder.execute("set statement_timeout = 200")
        with pytest.raises(errors.QueryCanceled):
            builder.execute("create index concurrently idx_notes_org_id on old_constrain.notes (org_id)")
        stranger.execute("rollback")
    assert ("notes", False, False, False) in made.run(STANDS)
    made.constrain_only()
    assert ("notes", True, True, True) in made.run(STANDS)


def test_a_namesake_of_the_index_is_refused_with_the_rename(made: Shop) -> None:
    made.fill()
    made.run("create index idx_notes_org_id on {s}.notes (body)")
    with pytest.raises(PhaseRefused, match=r"alter table .*idx_notes_org_id.* rename to"):
        made.constrain_only()


def test_a_table_under_row_security_is_counted_whole(made: Shop) -> None:
    """Its owner sees no row: counting as it would find nothing wrong."""
    add_orphan(made)
    made.fill()
    made.run("alter table {s}.notes enable row level security; alter table {s}.notes force row level security")
    with pytest.raises(PhaseRefused, match=r"old_constrain.notes: rows have no organization"):
        made.constrain_only()


def test_rollback_gives_back_what_was_there(made: Shop) -> None:
    made.fill()
    before = made.run(STANDS)
    made.constrain_only()
    made.roll_back(Phase.FILL)
    after = made.run(STANDS)
    assert [(r[0], r[1], r[3]) for r in after] == [(r[0], r[1], r[3]) for r in before]
    made.legacy.run_as_app("insert into {s}.notes (owner_id) values (null)")
