"""`verify` is worth something only if it can fail: faults planted in a right conversion, one by one."""

import pytest

from tests.faults.conftest import MakeGround
from tests.faults.people import add_crowd
from tests.faults.strange import Strange, build_strange

# One worker for the module: its database is made once.
pytestmark = pytest.mark.xdist_group("faults_verify")
SELECTED = ("by_bigint", "keyless", "chain_0", "chain_1", "to_active", "org_null", "by_range", "by_list", "fixed")


@pytest.fixture(scope="module")
def converted(grounds: MakeGround) -> Strange:
    ground = grounds("verified")
    strange = build_strange(ground, add_crowd(ground), lambda shape: shape.name in SELECTED)
    ground.must("run")
    return strange


FAULTS = {
    "another organization": ("by_bigint", "update strange.by_bigint set org_id = {other} where id = 2"),
    "one without key": ("keyless", "update strange.keyless set org_id = {other} where user_id = 3"),
    "a child beside its parent": ("chain_1", "update strange.chain_1 set org_id = {other} where org_id <> {other}"),
    "the wrong one of many": ("to_active", "update strange.to_active set org_id = {carl} where user_id = 5"),
    "an organization that was null before": ("org_null", "update strange.org_null set org_id = {other}"),
    "a row of a partition": ("by_range", "update strange.by_range_rest set org_id = {other} where user_id <> 2"),
    "a row of a partition's partition": ("by_list", "update strange.by_list_low set org_id = {other}"),
    "a row of a fixed table": ("fixed", "update strange.fixed set org_id = {other} where id = 1"),
    "a null": (
        "by_bigint",
        "alter table strange.by_bigint alter org_id drop not null; update strange.by_bigint set org_id = null"
        " where id = 3",
    ),
    "a lost foreign key": ("by_bigint", "alter table strange.by_bigint drop constraint fk_by_bigint_org_id"),
    "a lost index": ("by_bigint", "drop index strange.idx_by_bigint_org_id"),
    "no NOT NULL": ("by_bigint", "alter table strange.by_bigint alter org_id drop not null"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_fails_the_proof_and_is_named(converted: Strange, name: str):
    table, fault = FAULTS[name]
    ground = converted.ground
    statement = fault.replace("{other}", f"'{converted.crowd.orgs['bela']}'").replace(
        "{carl}", f"'{converted.crowd.orgs['carl']}'"
    )
    ground.must("verify")
    ground.run(f"create table public.kept as select * from strange.{table}")
    plant(converted, table, statement)
    try:
        outcome = ground.on_plan("verify")
        assert outcome.code == 1, outcome.said
        assert f"✗ strange.{table}" in outcome.out, outcome.said
    finally:
        mend(converted, table)


def plant(converted: Strange, table: str, statement: str) -> None:
    """Behind the back of the fill trigger, which would put it right."""
    behind = "alter table strange.{0} disable trigger user; {1}; alter table strange.{0} enable trigger user"
    converted.ground.run(behind.format(table, statement))


# Which columns name a row again; rows of a keyless table are of their person.
NAMED_BY = {"keyless": "user_id", "by_list": "n"}
AS_IT_WAS = """
alter table strange.by_bigint alter org_id set not null;
create index if not exists idx_by_bigint_org_id on strange.by_bigint (org_id);
alter table strange.by_bigint drop constraint if exists fk_by_bigint_org_id;
alter table strange.by_bigint add constraint fk_by_bigint_org_id foreign key (org_id) references public.organizations
    on delete cascade;
drop table public.kept;
"""


def mend(converted: Strange, table: str) -> None:
    """Put the organizations back, and what was dropped."""
    key = NAMED_BY.get(table, "id")
    plant(
        converted,
        table,
        f"update strange.{table} t set org_id = k.org_id from public.kept k where k.{key} = t.{key};{AS_IT_WAS}",
    )
