"""A table's own triggers are kept from firing for the batches, and put back to the letter."""

import pytest
from django.db import connection

from tenants.backfill.fill.gates import compose_gate, find_triggers, gate_definition
from tests.tenants.backfill.fill.filling import begin_notes, count_wrong, fill, table_of

GATE = "CURRENT_USER <> 'tenantry_batch'::name"
BODY = "returns trigger language plpgsql as 'begin insert into {s}.log (line) values (tg_name); return new; end'"
TRIGGERS = {
    "plain": "create trigger plain before update on {s}.notes for each row execute function {s}.tell()",
    "when": 'create trigger "WHEN (" after update on {s}.notes for each row'
    " when (new.body is distinct from 'EXECUTE FUNCTION )') execute function {s}.tell('it''s (', 'WHEN')",
    "statement": "create trigger whole after update on {s}.notes for each statement execute function {s}.tell()",
    "rows": "create trigger tabled after update on {s}.notes referencing new table as fresh for each statement"
    " execute function {s}.tell()",
    "constraint": "create constraint trigger late after update on {s}.notes deferrable initially deferred"
    " for each row execute function {s}.tell()",
    "always": "create trigger plain before update on {s}.notes for each row execute function {s}.tell();"
    " alter table {s}.notes enable always trigger plain",
}
TEXTS = (
    "select t.tgname, pg_get_triggerdef(t.oid), t.tgenabled from pg_trigger t"
    " where t.tgrelid = '{s}.notes'::regclass and not t.tgisinternal and t.tgname not like '%%fill_org%%' order by 1"
)


@pytest.mark.parametrize("kind", TRIGGERS)
def test_a_trigger_fires_for_others_only_and_stands_afterwards_as_it_stood(legacy, kind):
    conversion = begin_notes(legacy, 200)
    legacy.run("create function {s}.tell() " + BODY)
    legacy.run(TRIGGERS[kind])
    before = legacy.run(TEXTS, [])
    gated: list[object] = []

    def write_beside() -> bool:
        if not gated:
            gated.append(legacy.run(TEXTS, []))
            legacy.run_as_app("update {s}.notes set changed = 1 where id = 1")
        return False

    fill(conversion, should_stop=write_beside)
    assert count_wrong(legacy) == 0
    assert legacy.run(TEXTS, []) == before
    assert legacy.run("select count(*) from {s}.log") == [(1,)]


def test_a_plan_that_stops_at_triggers_parks_the_table(legacy):
    conversion = begin_notes(legacy, 20)
    legacy.run("create function {s}.tell() " + BODY)
    legacy.run(TRIGGERS["plain"])
    table = table_of(conversion, "notes")
    conversion.tables.update(decisions=table.decisions | {"triggers": "stop"})
    fill(conversion)
    table.refresh_from_db()
    assert (table.state, "plain would fire in every batch" in table.reason) == ("parked", True)


@pytest.mark.parametrize(
    "definition",
    ["CREATE TRIGGER t AFTER UPDATE ON s.t FOR EACH ROW WHEN ((old.a = 'WHEN (')) EXECUTE FUNCTION s.f('WHEN')"],
)
def test_a_condition_is_kept_beside_the_gate(definition):
    gated = gate_definition(definition)
    assert gated == definition.replace("WHEN ((old.a = 'WHEN ('))", f"WHEN (((old.a = 'WHEN (')) AND {GATE})")


def test_a_gated_trigger_is_not_gated_again(legacy):
    begin_notes(legacy, 1)
    legacy.run("create function {s}.tell() " + BODY)
    legacy.run(TRIGGERS["when"])
    ((oid,),) = legacy.run("select '{s}.notes'::regclass::oid::bigint")
    with connection.cursor() as db:
        (found,) = find_triggers(db, [oid])
        legacy.run(";".join(s.as_string(None) for s in compose_gate(found)))
        assert find_triggers(db, [oid]) == []
