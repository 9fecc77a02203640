"""`manage.py scaleout --check`: nothing stands in the way of ours, and each obstacle is found where there is one."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.scaleout.checking import find_obstacles, read_checks

pytestmark = pytest.mark.django_db

ORG = "org_id uuid not null references organizations on delete cascade"
# By check: what stands in the way, in a table named `old.things` unless it says otherwise.
OBSTACLES = {
    "key": f"create table old.things (id uuid primary key, {ORG})",
    "org_id": "create table old.things (id uuid, org_id uuid references organizations, unique (org_id, id))",
    "uniques": f"create table old.things ({ORG}, id uuid, email text unique, primary key (org_id, id))",
    "exclusions": f"create table old.things ({ORG}, id int, primary key (org_id, id), exclude (id with =))",
    "foreign_keys": f"create table old.things ({ORG}, id uuid unique, other uuid references old.things (id),"
    " primary key (org_id, id)); create table old.others (org_id uuid not null, id uuid, thing uuid references"
    " old.things (id), primary key (org_id, id))",
    "outside": f"create table old.things ({ORG}, id uuid unique, primary key (org_id, id));"
    " create table old.notes (thing uuid references old.things (id))",
    "deferrable": f"create table old.things ({ORG} deferrable initially deferred, id uuid, primary key (org_id, id))",
    "policy_tables": f"create table old.things ({ORG}, id uuid, primary key (org_id, id));"
    " create policy theirs on old.things using (org_id in (select org_id from org_members))",
    "transition_tables": f"create table old.things ({ORG}, id uuid, primary key (org_id, id)); create function old.f()"
    " returns trigger language plpgsql as 'begin return null; end'; create trigger t after insert on old.things"
    " referencing new table as added for each statement execute function old.f()",
    "sequences": f"create table old.things ({ORG}, id bigserial, primary key (org_id, id))",
    "unlogged": f"create unlogged table old.things ({ORG}, id uuid, primary key (org_id, id))",
    "replica_identity": f"create table old.things ({ORG}, id uuid, primary key (org_id, id));"
    " alter table old.things replica identity nothing",
    "sql_functions": f"create table old.things ({ORG}, id uuid, primary key (org_id, id)); create function old.f(x int)"
    " returns bigint language sql as 'select count(*) from old.things'",
}


def test_nothing_stands_in_the_way_of_ours():
    assert [o for o in find_obstacles() if not o.known] == []


def test_what_we_render_otherwise_there_is_what_the_design_says():
    assert {o.check for o in find_obstacles()} <= {"policies", "set_null", "wal_level"}


@pytest.mark.parametrize("check", OBSTACLES)
def test_each_obstacle_is_named_with_what_to_do(check):
    with connection.cursor() as cursor:
        cursor.execute(f"create schema old; {OBSTACLES[check]}")
    found = [o for o in find_obstacles() if o.check == check]
    assert found, check
    assert all(o.object.startswith(("old.", "function old.")) and o.remedy for o in found)
    assert {o.way for o in found} == set(next(c.ways for c in read_checks() if c.name == check))


def test_the_proof_of_a_conversion_stands_in_nobodys_way():
    with connection.cursor() as cursor:
        cursor.execute("create table private.conversion_people_7 (key text primary key, org_id uuid)")
    assert [o for o in find_obstacles() if not o.known] == []


def test_every_check_is_tried():
    assert {c.name for c in read_checks()} == {*OBSTACLES, "policies", "set_null", "wal_level"}


def run(**options: Any) -> str:
    said = io.StringIO()
    call_command("scaleout", stdout=said, **options)
    return said.getvalue()


def test_the_command_fails_only_where_something_stands_in_the_way():
    assert run(check=True).count("✓ nothing stands in the way") == 2
    with connection.cursor() as cursor:
        cursor.execute(f"create schema old; {OBSTACLES['sequences']}")
    with pytest.raises(CommandError, match=r"1 in the way\."):
        run(check=True)
    with pytest.raises(CommandError, match=r"1 in the way"):
        run(check=True, json=True)


def test_it_says_itself_for_a_machine_and_what_has_to_hold():
    assert {o["way"] for o in json.loads(run(check=True, json=True))} <= {"move", "citus"}
    assert "primary key that holds org_id" in run(list=True)
    with pytest.raises(CommandError, match="scaleout --check"):
        run()
