"""A column org_id that stood before: its values are kept, what was filled in beside them is taken out again."""

from collections import Counter

from tests.faults.ground import Ground
from tests.faults.oracle import Oracle, explain
from tests.faults.people import add_crowd
from tests.faults.snapshot import compare, take_snapshot
from tests.faults.strange import build_strange

SHAPES = ("org_some", "org_null", "fixed_some")
TOUCHED = """
alter table strange.org_some add touched int not null default 0;
create function strange.touch() returns trigger language plpgsql as
    'begin new.touched := old.touched + 1; return new; end';
create trigger touch before update on strange.org_some for each row execute function strange.touch();
create table strange.keyless (user_id bigint, org_id uuid);
insert into strange.keyless (user_id) values (1), (2);
create table strange.hidden (id int primary key, user_id bigint, org_id uuid);
insert into strange.hidden values (1, 1), (2, 2);
alter table strange.hidden enable row level security, force row level security;
create policy own on strange.hidden to "{app}" using (true);
grant select on strange.hidden to "{app}";
"""


def test_a_rollback_takes_out_what_was_filled_in_and_nothing_else(ground: Ground):
    strange = build_strange(ground, add_crowd(ground), lambda shape: shape.name in SHAPES)
    ground.run(TOUCHED.replace("{app}", ground.app), role=ground.owner)
    for name in ("strange.keyless", "strange.hidden"):
        strange.sections[name] = {"route": "user:user_id", **strange.keep}
    strange.write_plan()
    oracle, before = Oracle(strange), take_snapshot(ground, strange.schemas)
    ground.must("run")
    assert explain(oracle.judge()) == ""
    said = ground.must("rollback", "--no-input").out
    assert compare(before, take_snapshot(ground, strange.schemas)) == []
    for shape in strange.shapes:
        was, now = oracle.before[shape.name], oracle.read(shape)
        assert Counter((row.org, row.digest) for row in was) == Counter((row.org, row.digest) for row in now)
    # Not even the converting login sees these rows by itself.
    assert ground.run_as_app("select count(*), count(org_id) from strange.hidden") == [(2, 0)]
    # Its own trigger counts updates, and was gated for ours both ways.
    assert ground.run("select distinct touched from strange.org_some") == [(0,)]
    assert "strange.keyless: keeps what was filled into its org_id: its rows have no key" in said
    assert "strange.org_some: 20 rows that had no organization before have none again" in said
