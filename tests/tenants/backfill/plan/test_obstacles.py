"""Tables that cannot be converted as they are: refused by the plan, before anything is written, with what to type."""

import pytest

from postgres.names import bound_name
from tests.tenants.backfill.old_schemas import PEOPLE, discover, route_of, run_sql
from tests.tenants.backfill.plan.plans import PEOPLE_SECTION, faults_of, line_of, open_text, section

pytestmark = pytest.mark.django_db
PLAN = PEOPLE_SECTION + section("t", "user:user_id") + section("people", "exempt")
TABLE = "create table t (id int primary key, user_id bigint);"
FUNCTION = "create function f() returns trigger language plpgsql as 'begin return new; end';"
LONG = "t" * 63
REFUSED = {
    "a person that is generated": (
        "create table t (id int primary key, at jsonb, user_id bigint generated always as ((at ->> 'u')::int) stored)",
        "user_id of old.t is generated",
    ),
    "an org_id of another table's": (
        "create table orgs (id uuid primary key); create table t (user_id bigint, org_id uuid references orgs)",
        "names rows of old.orgs (t_org_id_fkey)",
    ),
    "an org_id in a key to another column": (
        "create table plans (org uuid, id int, primary key (org, id));"
        "create table t (user_id bigint, org_id uuid, plan int, foreign key (org_id, plan) references plans)",
        "names rows of old.plans",
    ),
    "a constraint called like the foreign key": (
        TABLE + "alter table t add constraint fk_t_org_id check (id > 0)",
        "a constraint fk_t_org_id of its own",
    ),
    "a constraint called like NOT NULL": (
        TABLE + "alter table t add constraint t_org_id_not_null check (id > 0)",
        "a constraint t_org_id_not_null of its own",
    ),
    "a sequence called like the index": (TABLE + "create sequence idx_t_org_id", "old.idx_t_org_id is something else"),
    "another table's index called like ours": (
        TABLE + "create index idx_t_org_id on people (email)",
        "old.idx_t_org_id is something else",
    ),
    "a trigger that sorts after ours": (
        TABLE + FUNCTION + 'create trigger "ärger" before update on t for each row execute function f()',
        "the trigger ärger",
    ),
    "such a trigger of a partition": (
        "create table t (user_id bigint) partition by list (user_id); create table t1 partition of t default;"
        + FUNCTION
        + 'create trigger "ärger" before insert on t1 for each row execute function f()',
        "of its partition old.t1: old.t1 has the trigger ärger",
    ),
    "a rule on UPDATE": (TABLE + "create rule r as on update to t do also notify t", 'rules on UPDATE ("r")'),
    "as many columns as there can be": (
        f"create table t (user_id bigint, {', '.join(f'c{n} bool' for n in range(1_599))});"
        " alter table t drop column c7, drop column c8",
        "has had 1,600 columns",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_table_with(what):
    make, words = REFUSED[what]
    run_sql(PEOPLE + make)
    (sentence,) = [said for line, said in faults_of(PLAN) if line == line_of(PLAN, "user:user_id")]
    assert words in sentence


def test_a_publication_of_updates_needs_to_know_which_row_is_meant():
    run_sql(PEOPLE + "create table t (user_id bigint); create publication old_hc for table t")
    assert "has no replica identity" in faults_of(PLAN)[0][1]
    run_sql("alter table t replica identity full")
    open_text(PLAN)
    run_sql("alter table t replica identity default; alter publication old_hc set (publish = 'insert')")
    open_text(PLAN)


def test_a_row_that_is_not_written_needs_no_such_thing(org):
    run_sql("create table t (line text); create rule r as on update to t do instead nothing")
    open_text(section("t", f"org:{org.slug}"))


def test_a_schema_in_which_the_login_may_create_nothing_comes_with_the_grant(settings):
    role = f"{settings.DATABASES['default']['NAME']}_schema"[:60]
    run_sql(
        PEOPLE + TABLE + f'create role "{role}"; grant "{role}" to session_user; alter schema old owner to "{role}"'
    )
    run_sql(f'grant usage on schema old to session_user; revoke "{role}" from session_user')
    (fault,) = faults_of(PLAN)
    assert "may create nothing in the schema of old.t" in fault[1]


def test_what_a_conversion_makes_is_in_nobodys_way():
    run_sql(
        PEOPLE + f'create table "{LONG}" (id int primary key, user_id bigint, org_id uuid not null);'
        f'alter table "{LONG}" add constraint "{bound_name(f"fk_{LONG}_org_id")}" foreign key (org_id)'
        " references public.organizations;"
        f'create index "{bound_name(f"idx_{LONG}_org_id")}" on "{LONG}" (org_id)'
    )
    open_text(PLAN.replace("old.t", f"old.{LONG}"))


def test_discover_proposes_no_person_that_is_generated():
    plan = discover(PEOPLE + "create table t (id bigint, user_id bigint generated always as (id) stored)")
    assert route_of(plan, "t") == "undecided"
