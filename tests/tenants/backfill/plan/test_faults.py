"""Every fault of a plan at once, each with its line."""

import pytest

from tenants.backfill.plan.read import PlanRefused, read_plan
from tests.tenants.backfill.old_schemas import PEOPLE, discover, run_sql
from tests.tenants.backfill.plan.plans import PEOPLE_SECTION, faults_of, line_of, open_text, section

pytestmark = pytest.mark.django_db
TABLES = (
    PEOPLE + "create table orders (id int primary key, user_id bigint, at timestamp);"
    "create table lines (id int primary key, order_id int references orders, other int references orders);"
)
GOOD = (
    PEOPLE_SECTION
    + section("orders", "user:user_id")
    + section("lines", "parent:order_id")
    + section("people", "exempt")
)


def test_a_plan_by_hand_without_a_fingerprint_is_accepted(org):
    run_sql(TABLES)
    plan, catalog = open_text(GOOD)
    assert plan.fingerprint == ""
    assert catalog.schemas == ("old",)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"old.orders"', '"old.order"', "there is no table old.order; there is old.orders"),
        ('"old.orders"', '"old.orders', "not TOML"),
        ('"old.orders"', '"orders"', "not schema.table"),
        ('"user:user_id"', '"user:user"', "has no column user"),
        ('"user:user_id"', '"user:at"', "timestamp"),
        ('"user:user_id"', '"usr:user_id"', "is no route"),
        ('"user:user_id"', '"undecided"', "undecided"),
        ('"user:user_id"', '"org:nowhere"', "no organization with the slug 'nowhere'"),
        ('"user:user_id"', '"exempt"', "which is exempt"),
        ('"user:user_id"', "7", "not a text"),
        ('"user:user_id"', '"user:user_id"\nno_orgs = "stop"', "unknown key 'no_orgs'"),
        ('"user:user_id"', '"user:user_id"\nno_org = "active"', "none of stop, quarantine, org:SLUG"),
        ('"user:user_id"', '"user:user_id"\nmany_orgs = "org:nowhere"', "'nowhere'"),
        ('"user:user_id"', '"user:user_id"\nclass = "huge"', "none of critical, secondary"),
        ('"user:user_id"', '"user:user_id"\ntriggers = "off"', "none of gate, fire, stop"),
        ('"user:user_id"', '"user:user_id"\nkeep = ["ghost"]', "there is no role ghost"),
        ('"user:user_id"', '"user:user_id"\nkeep = "ghost"', "not a list"),
        ('"user:user_id"', '"user:user_id"\nkeep = ["public"]\ncut = ["public"]', "keeps and cuts"),
        ('"parent:order_id"', '"parent:id"', "no foreign key"),
        ('"parent:order_id"', '"parent:order_id->old.orders(user_id)"', "no unique key"),
        ('"parent:order_id"', '"parent:order_id->old.ghosts(id)"', "no table old.ghosts"),
        ('"parent:order_id"', '"parent:id->old.lines(id)"', "follows itself"),
        ('"parent:order_id"', '"parent:order_id->old.orders(id,at)"', "another number of columns"),
        ('"old.people"', '"old.persons"', "no table of people"),
        ('"email:email"', '"email:mail"', "no column mail"),
        ('"email:email"', '"email:id"', "no text"),
        ('"email:email"', '"id"', "users.id is uuid"),
        ('"email:email"', '"email:email"\nmissing = "create-in:nowhere"', "'nowhere'"),
        ('"email:email"', '"email:email"\nmissing = "guess"', "create-in:SLUG"),
        ("[people]", 'schemas = ["old", "public"]\n[people]', "Tenantry's own"),
    ],
)
def test_a_fault_is_told_with_its_line(old, new, words):
    run_sql(TABLES)
    text = GOOD.replace(old, new, 1)
    faults = faults_of(text)
    changed = line_of(GOOD, old)
    assert any(words in sentence and changed <= line <= changed + 2 for line, sentence in faults), faults


def test_all_faults_are_told_at_once_in_the_order_of_their_lines():
    run_sql(TABLES + "create table forgotten (id int)")
    text = (
        section("orders", "user:nobody", no_org="nonsense")
        + section("lines", "undecided", colour="red")
        + section("ghost", "exempt")
        + section("people", "org:nowhere")
    )
    faults = faults_of(text)
    assert [line for line, _ in faults] == sorted(line for line, _ in faults)
    for words in ("nobody", "nonsense", "undecided", "colour", "ghost", "nowhere", "lacks the table old.forgotten"):
        assert any(words in sentence for _, sentence in faults), words


def test_routes_in_a_circle_are_told_once():
    run_sql(
        PEOPLE + "create table a (id int primary key, b int); create table b (id int primary key, a int references a);"
        "create table c (id int primary key, b int references b); alter table a add foreign key (b) references b"
    )
    text = section("a", "parent:b") + section("b", "parent:a") + section("c", "parent:b") + section("people", "exempt")
    circles = [(line, sentence) for line, sentence in faults_of(text) if "circle" in sentence]
    assert circles == [(line_of(text, "parent:b"), "routes lead in a circle: old.a -> old.b -> old.a")]


def test_a_table_that_cannot_be_converted_is_refused_with_what_to_type():
    run_sql(TABLES + "alter table lines set unlogged")
    with pytest.raises(PlanRefused) as refused:
        open_text(GOOD)
    (fault,) = refused.value.faults
    assert (fault.line, fault.remedy[:11]) == (line_of(GOOD, "parent:order_id"), "ALTER TABLE")
    assert fault.describe("my.toml").startswith(f"my.toml:{fault.line}: old.lines is unlogged")


def test_a_partition_is_not_decided_by_itself():
    run_sql(
        PEOPLE + "create table e (user_id bigint) partition by list (user_id); create table e1 partition of e default"
    )
    text = PEOPLE_SECTION + section("e", "user:user_id") + section("e1", "user:user_id") + section("people", "exempt")
    assert faults_of(text) == [(line_of(text, "old.e1"), "old.e1 is a partition of old.e, whose route holds for it")]


def test_a_parent_outside_of_the_plan_needs_organizations_to_give():
    run_sql("create table stores (id int primary key, org_id uuid); create table bare (id int primary key)", "shop")
    run_sql("create table t (s int, b int)")
    open_text(section("t", "parent:s->shop.stores(id)"))
    (fault,) = faults_of(section("t", "parent:b->shop.bare(id)"))
    assert "no org_id" in fault[1]


def test_two_sections_for_one_table_are_told():
    text = section("t", "exempt") + '[tables."old.\\"t\\""]\nroute = "exempt"\n'
    with pytest.raises(PlanRefused, match=r":3: old.t stands here twice, first in line 1"):
        read_plan(text)


def test_a_changed_schema_asks_for_a_new_discover():
    plan = discover(TABLES)
    text = f'schemas = ["old"]\nfingerprint = "{plan.fingerprint}"\n' + GOOD
    open_text(text)
    run_sql("alter table lines add column org_id uuid references public.organizations; create index on lines (org_id)")
    open_text(text)
    run_sql("alter table lines add column user_id bigint")
    (fault,) = faults_of(text)
    assert (fault[0], "it keeps your decisions" in fault[1]) == (2, True)
