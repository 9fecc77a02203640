"""`guard`: what it does to rows, triggers, the log and partitions, and that it can go on."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError

from tenants.doctor.findings import Level
from tenants.doctor.runner import examine
from tenants.models import Phase
from tests.tenants.backfill.phases.converting import ODD, ROUTES, Shop, refusal, shop, snapshot

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_guard") as made:
        yield made


def test_no_row_moves_to_another_organization(made: Shop) -> None:
    made.guard()
    with pytest.raises(IntegrityError, match=r"this row of old_guard.notes would move to another organization"):
        made.legacy.run_as_app("update {s}.notes set owner_id = %s where id = 1", [made.people[1]])
    with pytest.raises(IntegrityError, match="org_id is immutable"):
        made.run("update {s}.notes set org_id = %s where id = 1", [made.theirs.pk])


def test_a_trigger_that_is_called_like_ours_is_not_replaced(made: Shop) -> None:
    made.run(
        "create function {s}.f() returns trigger language plpgsql as 'begin return new; end';"
        " create trigger audit_notes before insert on {s}.notes for each row execute function {s}.f()"
    )
    made.constrain()
    assert 'alter trigger "audit_notes" on old_guard.notes rename to' in refusal(made)


def test_a_function_that_is_called_like_ours_keeps_its_trigger(made: Shop) -> None:
    made.run(
        "create function {s}.set_updated_at() returns trigger language plpgsql as"
        " 'begin new.changed := new.changed + 1; return new; end'; create trigger touch before update on {s}.notes"
        " for each row execute function {s}.set_updated_at()"
    )
    made.guard()
    before = made.run("select sum(changed) from {s}.notes")[0][0]
    made.run("update {s}.notes set body = 'x'")
    assert made.run("select sum(changed) from {s}.notes") == [(before + 2,)]


def test_the_doctor_has_nothing_to_object(made: Shop) -> None:
    made.guard()
    assert [f for f in examine() if f.level is Level.ERROR] == []


def test_the_log_knows_rows_by_any_key_and_no_secrets(made: Shop) -> None:
    made.run("alter table {s}.notes add column api_token text default 'hush', add column tokens_used int default 3")
    said = [getattr(event, "sentence", "") for event in made.guard()]
    assert "the log never has the values of api_token" in said
    for table, column in (("orders", "no"), ("events", "user_id"), ("log", "user_id"), ("notes", "id")):
        made.legacy.run_as_app(f"delete from {{s}}.{table} where {column} = 1")
    log = made.run(
        "select table_name, record_id, org_id, old_data from audit_logs where table_name like 'old\\_guard.%%'"
        " and org_id in (%s, %s)",
        [made.ours.pk, made.theirs.pk],
    )
    ids = {table: record for table, record, _org, _old in log}
    assert ids["old_guard.orders"] == '["n", 1]'
    assert ids["old_guard.notes"] == "1"
    assert ids["old_guard.log"].startswith("row:")
    assert {org for _table, _record, org, _old in log} == {made.ours.pk}
    assert "hush" not in str(log)
    assert '"tokens_used": 3' in str(log)


def test_partitions_are_no_way_past_their_parent(made: Shop) -> None:
    made.guard()
    grants = made.run(
        "select grantee from information_schema.role_table_grants where table_schema = 'old_guard'"
        " and table_name in ('events_old', 'events_new') and grantee like 'tenantry\\_%%'"
    )
    assert {row[0] for row in grants} == {"tenantry_owner"}
    assert made.run(
        "select count(*) from pg_class where relnamespace = '{s}'::regnamespace and relname like 'events\\_%%'"
        " and relkind = 'r' and relrowsecurity and relforcerowsecurity"
    ) == [(2,)]


def test_a_guard_that_was_killed_half_way_goes_on_and_can_be_taken_back(made: Shop) -> None:
    made.constrain()
    before = snapshot()
    made.guard_only()
    # As after a kill: some relations stand, the phases were never noted.
    made.conversion.tables.update(phase=Phase.CONSTRAIN, guarded=None)
    made.guard_only()
    assert made.count_as_app("orders") == 2
    assert [f for f in examine() if f.level is Level.ERROR] == []
    made.roll_back(Phase.CONSTRAIN)
    assert snapshot() == before


def test_odd_names_are_guarded_released_and_given_back(transactional_db: None) -> None:
    with shop('Old "x" $$ {', {**ROUTES, ODD: 'user:"User Id"'}) as made:
        odd = '{s}."Odd ""Names"" %s"'
        made.run(f"insert into {odd.replace('%s', '%%s')} values (1, %s, 'x')", [str(made.people[0])])
        made.constrain()
        before = snapshot()
        made.guard_only()
        assert [f for f in examine() if f.level is Level.ERROR] == []
        made.run(f"update {odd} set \"select\" = 'y'")
        made.cut_over()
        made.release()
        assert [f for f in examine() if f.level is Level.ERROR] == []
        made.roll_back(Phase.CONSTRAIN)
        assert snapshot() == before
