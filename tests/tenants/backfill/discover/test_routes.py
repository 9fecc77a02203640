"""Which route discover proposes, and the reason it gives."""

import pytest

from tenants.backfill.plan.model import Choice, ChoiceKind
from tests.tenants.backfill.old_schemas import PEOPLE, comment_of, decide, decisions_of, discover, route_of, run_sql

pytestmark = pytest.mark.django_db
ORDERS = PEOPLE + "create table orders (id int primary key, user_id bigint not null references people);"
USER = "user_id bigint references people"


@pytest.mark.parametrize(
    ("table", "route"),
    [
        # One person column, by key or by name and type.
        ("t (id int, boss bigint references people)", "user:boss"),
        ("t (id int, user_id bigint)", "user:user_id"),
        ("t (id int, owner_id int)", "user:owner_id"),
        ("t (id int, created_by bigint)", "user:created_by"),
        ('t (id int, "authorId" bigint)', 'user:"authorId"'),
        ('t (id int, "User  Id" bigint)', 'user:"User  Id"'),
        ("t (id int, billing_user_id bigint)", "user:billing_user_id"),
        # A key beats a name, NOT NULL beats nullable; else a person has to say.
        ("t (author_id bigint not null, boss bigint references people)", "user:boss"),
        ("t (author_id bigint references people, boss bigint not null references people)", "user:boss"),
        ("t (author_id bigint references people, boss bigint references people)", "undecided"),
        ("t (author_id bigint, owner_id bigint)", "undecided"),
        # A name is nothing when it cannot hold a person, or points elsewhere.
        ("t (user_id uuid)", "undecided"),
        ("t (user_id text)", "undecided"),
        ("t (owner_id int references things)", "exempt"),
        ("t (user_count int, users text)", "exempt"),
        # One row per person, or no way to one.
        ("t (user_id bigint primary key references people)", "exempt"),
        ("t (id int primary key, user_id bigint unique)", "exempt"),
        ("t (user_id bigint references people, day date, primary key (user_id, day))", "user:user_id"),
        ("t (id int, t_id int)", "exempt"),
        # A parent, by the shortest way that is NOT NULL throughout.
        ("t (id int, order_id int not null references orders)", "parent:order_id"),
        ("t (a int not null references marks, b int references orders)", "parent:a"),
        ("t (a int references marks, b int references orders)", "parent:b"),
        ("t (region text, no int, foreign key (region, no) references pairs)", "parent:region,no"),
        ("t (a int not null references orders, b int not null references orders)", "undecided"),
        ("t (id int primary key, up int references t)", "exempt"),
        ("t (id int primary key, up int not null references t, o int references orders)", "parent:o"),
        (
            "t (o int references orders, constraint more foreign key (o) references shapes (id))",
            "parent:o->old.orders(id)",
        ),
        # No foreign key, but a name: nothing that may be exempt without a word.
        ("t (id int, order_id int)", "undecided"),
        # Whose parent is exempt, or another's.
        ("t (id int, card_id int references cards)", "undecided"),
        ("t (card_id int primary key references cards)", "exempt"),
        # Organizations that are there already.
        ("t (id int, org_id uuid, user_id bigint)", "user:user_id"),
        ("t (id int, org_id uuid not null)", "undecided"),
        ("t (id int, org_id text, user_id bigint)", "undecided"),
        ("t (o int references owned)", "parent:o"),
        ("t (team uuid references public.organizations)", "undecided"),
        # A person by a key of several columns: no route follows it, and nobody is left out without a word.
        ("t (region text, user_id int, foreign key (region, user_id) references folk)", "undecided"),
    ],
)
def test_a_table_gets_the_route_that_its_columns_say(table, route):
    plan = discover(
        ORDERS + "create table marks (id int primary key, o int not null references orders);"
        "create table things (id int primary key); create table shapes (id int primary key);"
        f"create table pairs (region text, no int, {USER}, primary key (region, no));"
        "create table cards (id int primary key, user_id bigint not null unique references people);"
        "create table owned (id int primary key, org_id uuid);"
        "create table folk (region text, id int, primary key (region, id));"
        f"create table {table}"
    )
    assert route_of(plan, "t") == route


def test_an_undecided_table_names_its_candidates():
    plan = discover(PEOPLE + "create table t (author_id bigint references people, boss bigint references people)")
    assert "user:author_id" in comment_of(plan, "t")
    assert "user:boss" in comment_of(plan, "t")


def test_tables_in_a_ring_find_their_way_out():
    plan = discover(
        ORDERS + "create table a (id int primary key, b int, o int references orders);"
        "create table b (id int primary key, a int references a); alter table a add foreign key (b) references b"
    )
    assert (route_of(plan, "a"), route_of(plan, "b")) == ("parent:o", "parent:a")


def test_a_ring_that_nobody_leaves_is_exempt():
    plan = discover(
        PEOPLE + "create table a (id int primary key, b int); create table b (id int primary key, a int references a);"
        "alter table a add foreign key (b) references b"
    )
    assert (route_of(plan, "a"), route_of(plan, "b")) == ("exempt", "exempt")


def test_profiles_that_share_the_key_of_their_person_lead_to_that_person():
    plan = discover(
        "create table users (id uuid primary key, email text);"
        "create table profiles (id uuid primary key references users);"
        "create table posts (id int, profile_id uuid not null references profiles);"
        "create table likes (id int, user_id uuid references users)"
    )
    assert str(plan.people.table) == "old.users"
    assert route_of(plan, "posts") == "user:profile_id"
    assert route_of(plan, "profiles") == "exempt"


def test_people_are_those_whom_most_person_columns_point_to():
    plan = discover(
        "create table accounts (id int primary key, email text); create table staff (no int primary key, mail text);"
        + "".join(f"create table t{n} (user_id int references staff);" for n in range(3))
    )
    assert (str(plan.people.table), plan.people.match) == ("old.staff", "email:mail")
    assert "old.accounts" in " ".join(plan.comments["people"])


def test_without_people_of_its_own_a_schema_means_ours():
    run_sql("create table t (user_id uuid references public.users, n int); create table u (owner_id uuid)")
    plan = discover()
    assert plan.people is None
    assert (route_of(plan, "t"), route_of(plan, "u")) == ("user:user_id", "user:owner_id")


def test_people_without_an_email_that_can_be_told_are_undecided():
    plan = discover(
        "create table users (id int primary key, contact text); create table t (user_id int references users)"
    )
    assert plan.people.match == "undecided"


def test_a_parent_in_a_schema_that_was_not_named_is_said_to_be_missing():
    run_sql("create table orders (id int primary key, user_id uuid references public.users)", schema="shop")
    plan = discover("create table t (o int references shop.orders)")
    assert route_of(plan, "t") == "undecided"
    assert "--schema" in comment_of(plan, "t")


def test_a_table_that_cannot_be_converted_says_why_and_what_to_type():
    plan = discover(PEOPLE + "create unlogged table t (user_id bigint references people)")
    assert route_of(plan, "t") == "undecided"
    assert 'ALTER TABLE "old"."t" SET LOGGED' in comment_of(plan, "t")


def test_a_table_of_another_owner_comes_with_the_grant_to_type(settings):
    role = f"{settings.DATABASES['default']['NAME']}_other"[:60]
    run_sql(f'create role "{role}"; grant "{role}" to session_user; grant all on schema old to "{role}"')
    run_sql(PEOPLE + f'create table t (user_id bigint references people); alter table t owner to "{role}"')
    run_sql(f'revoke "{role}" from session_user')
    plan = discover()
    assert route_of(plan, "t") == "undecided"
    assert f'GRANT "{role}" TO ' in comment_of(plan, "t")


def test_every_role_with_rights_is_kept_until_a_person_cuts_it():
    run_sql(PEOPLE + "create table t (user_id bigint references people); grant select on t to public, pg_monitor")
    plan = discover()
    (owner,) = run_sql("select session_user")[0]
    assert decisions_of(plan, "t").keep == ("pg_monitor", owner)
    assert "PUBLIC" in comment_of(plan, "t")


def test_a_default_organization_takes_what_finds_none():
    plan = discover(ORDERS, default_org="acme")
    assert str(decisions_of(plan, "orders").no_org) == "org:acme"
    # Asked for later, it takes what a plan would have stopped at, and nothing that a person sent elsewhere.
    first = discover()
    assert str(decisions_of(discover(previous=first, default_org="acme"), "orders").no_org) == "org:acme"
    held = decide(first, "orders", no_org=Choice(ChoiceKind.QUARANTINE))
    assert str(decisions_of(discover(previous=held, default_org="acme"), "orders").no_org) == "quarantine"
