"""The oracle against a conversion by hand: it finds nothing in a right one, and every fault that is planted."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import sql

from tests.faults.conftest import MakeGround
from tests.faults.oracle import Oracle, explain
from tests.faults.people import Crowd, add_crowd
from tests.faults.shapes import ODD, Shape
from tests.faults.snapshot import compare, take_snapshot
from tests.faults.strange import Strange, build_strange
from tests.faults.traffic import TABLES, Wish, find_differences, traffic

SELECTED = ("by_bigint", "chain_0", "chain_1", "to_active", "org_some", "Order", "by_range", "fixed")
HOME = "select id::text from organizations where slug = %s"
# Written by hand: whose row it is, by the name of our person.
BY_PERSON = """
update {table} t set org_id = coalesce(t.org_id, (select case count(distinct m.org_id) when 0 then null
    when 1 then (array_agg(m.org_id))[1] else coalesce((select u.active_org_id from public.users u
        where u.id = m.user_id
        and u.active_org_id = any(array_agg(m.org_id))), (array_agg(m.org_id order by m.joined_at))[1]) end
    from strange.people p join public.users u on u.email_lower = lower(btrim(p.email))
    join public.org_members m on m.user_id = u.id and m.state = 'active' where p.id = t.{person} group by m.user_id),
    {home})
"""


# One worker for the module: its database is made once.
pytestmark = pytest.mark.xdist_group("faults_oracle")


@pytest.fixture(scope="module")
def judged(grounds: MakeGround) -> tuple[Strange, Oracle]:
    """Converted by hand, and rightly."""
    ground = grounds("oracle")
    crowd = add_crowd(ground)
    strange = build_strange(ground, crowd, lambda shape: shape.name in SELECTED)
    oracle = Oracle(strange)
    for shape in strange.shapes:
        ground.run(f"alter table {shape.table.sql.as_string(None)} add column if not exists org_id uuid")
        convert_by_hand(strange, shape, crowd)
    return strange, oracle


def convert_by_hand(strange: Strange, shape: Shape, crowd: Crowd) -> None:
    kind, _, column = shape.section["route"].partition(":")
    home = sql.Literal(
        strange.ground.run_ours("select id::text from organizations where slug = %s", [crowd.home_slug])[0][0]
    )
    if kind == "org":
        strange.ground.run(sql.SQL("update {} set org_id = {}").format(shape.table.sql, home))
    elif kind == "parent":
        statement = "update {} t set org_id = (select p.org_id from strange.chain_0 p where p.id = t.up)"
        strange.ground.run(sql.SQL(statement).format(shape.table.sql))
    else:
        last = sql.SQL("{}::uuid").format(home) if "no_org" in shape.section else sql.SQL("null")
        person = sql.Identifier(column.strip('"'))
        strange.ground.run(sql.SQL(BY_PERSON).format(table=shape.table.sql, person=person, home=last), role="none")


@pytest.fixture
def found(judged: tuple[Strange, Oracle]) -> Iterator[Any]:
    """Plants a fault by SQL, asks the oracle, and takes the fault back."""
    strange, oracle = judged

    def plant(statement: str, back: str) -> str:
        strange.ground.run(statement)
        try:
            return explain(oracle.judge())
        finally:
            strange.ground.run(back)

    yield plant
    assert explain(oracle.judge()) == ""


def test_a_right_conversion_has_no_fault(judged: tuple[Strange, Oracle]):
    assert explain(judged[1].judge()) == ""


FAULTS = {
    "a null": ("by_bigint", "update strange.by_bigint set org_id = null where id = 7"),
    "another organization": ("by_bigint", "update strange.by_bigint set org_id = gen_random_uuid() where id = 7"),
    "a child beside its parent": ("chain_1", "update strange.chain_1 set org_id = gen_random_uuid() where id = 3"),
    "the earliest for the active one": (
        "to_active",
        "update strange.to_active set org_id = (select (array_agg(org_id order by joined_at))[1]"
        " from public.org_members m join public.users u on u.id = m.user_id where u.email_lower = 'chosen@example.org')"
        " where user_id = 5",
    ),
    "a partition's row": ("by_range", "update strange.by_range_rest set org_id = gen_random_uuid()"),
    "an odd name's row": ("Order", f'update "{ODD.replace(chr(34), chr(34) * 2)}"."Order" set org_id = null'),
    "a value that was to be kept": (
        "org_some",
        "update strange.org_some t set org_id = (select org_id from strange.org_some s where s.user_id = t.user_id"
        " and s.id % 2 = 1 and s.org_id <> t.org_id limit 1) where id % 2 = 0 and user_id <> 3",
    ),
    "another column": ("by_bigint", "update strange.by_bigint set t = 'y' where id = 7"),
    "a space more": (
        "Order",
        f'update "{ODD.replace(chr(34), chr(34) * 2)}"."Order" set "%s" = \'%% \' where "select" = 3',
    ),
    "a lost row": ("chain_1", "delete from strange.chain_1 where id = 7"),
    "a row twice": (
        "by_bigint",
        "insert into strange.by_bigint select 1000, user_id, t, org_id from strange.by_bigint limit 1",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(judged: tuple[Strange, Oracle], found: Any, name: str):
    table, statement = FAULTS[name]
    shape = judged[1].by_name[table].table.sql.as_string(None)
    again = f"delete from {shape}; insert into {shape} select * from public.kept; drop table public.kept"
    judged[0].ground.run(f"create table public.kept as select * from {shape}")
    assert found(statement, again).startswith(f"{table}: ")


CHANGES = {
    "a column": "alter table {t} add column more int",
    "a default": "alter table {t} alter t set default 'x'",
    "a constraint": "alter table {t} add constraint fk check (id > 0) not valid",
    "an index": "create index on {t} (t)",
    "a trigger": "create trigger t before update on {t} for each row execute function"
    " suppress_redundant_updates_trigger()",
    "a policy": "create policy p on {t} using (true)",
    "row-level security": "alter table {t} force row level security",
    "a grant": "grant select on {t} to tenantry_batch",
    "a column's grant": "grant update (t) on {t} to tenantry_batch",
    "a storage setting": "alter table {t} set (autovacuum_enabled = false)",
    "a comment": "comment on table {t} is 'x'",
    "the schema's rights": "grant usage on schema strange to tenantry_owner",
    "a private table": "create table private.left_1 ()",
    "a default right": "alter default privileges in schema strange grant select on tables to tenantry_owner",
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_schema_shows_in_its_snapshot(judged: tuple[Strange, Oracle], name: str):
    ground = judged[0].ground
    before = take_snapshot(ground, ["strange"])
    assert compare(before, take_snapshot(ground, ["strange"])) == []
    ground.run("create schema if not exists private")
    ground.run(CHANGES[name].format(t="strange.by_bigint"), role="none")
    assert compare(before, take_snapshot(ground, ["strange"])) != []


def test_traffic_knows_its_rows_and_notices_when_they_change(judged: tuple[Strange, Oracle]):
    ground = judged[0].ground
    ground.build("busy", TABLES.format(people="1, 2", count=2, rows=30))
    with traffic(Wish(ground.app_dsn, "busy", [1, 2], 30, per_second=200)) as running:
        ground.run("select pg_sleep(1)")
        seen = running.end()
    assert (seen.errors, seen.lost, find_differences(seen, ground.dsn, "busy")) == ([], 0, [])
    assert set(seen.waits) >= {"insert", "upsert", "body", "person", "delete", "read"}
    row = next(iter(seen.rows))
    ground.run("update busy.hits set user_id = 3 where id = %s", [row])
    assert len(find_differences(seen, ground.dsn, "busy")) == 1
