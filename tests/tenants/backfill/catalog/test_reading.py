"""What is read of tables, and that its price does not depend on their number."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants.backfill.catalog.reading import CatalogRefused
from tenants.backfill.names import TableName
from tests.tenants.backfill.old_schemas import SCHEMA, comment_of, discover, read_old, run_sql

pytestmark = pytest.mark.django_db


def table_of(catalog, name, schema=SCHEMA):
    return catalog.tables[TableName(schema, name)]


def test_many_tables_cost_no_more_queries_than_one():
    run_sql("create table one (id int primary key)")
    with CaptureQueriesContext(connection) as few:
        read_old()
    run_sql("".join(f"create table t{n} (id int primary key, one int references one);" for n in range(60)))
    with CaptureQueriesContext(connection) as many:
        assert len(read_old().tables) == 61
    assert len(many) == len(few)


def test_a_partitioned_table_is_decided_once_and_knows_its_partitions():
    run_sql(
        "create table e (id int, at date, primary key (id, at)) partition by range (at);"
        "create table e1 partition of e for values from ('2020-01-01') to ('2021-01-01') partition by list (id);"
        "create table e1a partition of e1 default; create table e2 partition of e default;"
        "create table child (id int, at date, foreign key (id, at) references e);"
        "insert into e1a select n, '2020-06-01' from generate_series(1, 300) n; analyze e1a; analyze e2"
    )
    catalog = read_old()
    assert [t.name.table for t in catalog.named()] == ["child", "e"]
    assert {part.table for part in table_of(catalog, "e").partitions} == {"e1", "e1a", "e2"}
    assert table_of(catalog, "e").rows == 300
    assert table_of(catalog, "e1a").partition_of == (SCHEMA, "e1")
    # PostgreSQL keeps a key to a partitioned table once more per partition.
    assert [key.to.table for key in table_of(catalog, "child").foreign_keys] == ["e"]


def test_only_whole_valid_and_plain_unique_indexes_are_keys():
    run_sql(
        "create table t (a int not null, b int, c text, primary key (a) include (b));"
        "create unique index positive on t (b) where b > 0; create unique index folded on t (lower(c));"
        "create unique index pair on t (b, a); create index plain on t (c)"
    )
    table = table_of(read_old(), "t")
    assert [(k.columns, k.primary, k.not_null) for k in table.keys] == [
        (("a",), True, True),
        (("b", "a"), False, False),
    ]
    assert {i.name for i in table.indexes} == {"t_pkey", "positive", "folded", "pair", "plain"}
    assert table.is_unique(["b", "a", "c"])
    assert not table.is_unique(["b"])


def test_columns_say_what_stands_behind_them():
    run_sql(
        "create domain email as varchar(50); create domain work_mail as email;"
        "create table t (id int generated always as identity, m work_mail not null, gone int,"
        " twice int generated always as (id * 2) stored, s varchar(9) default 'x');"
        "alter table t drop column gone"
    )
    columns = {c.name: c for c in table_of(read_old(), "t").columns}
    assert list(columns) == ["id", "m", "twice", "s"]
    assert columns["m"].base == columns["s"].base == "character varying"
    assert (columns["id"].identity, columns["twice"].generated, columns["m"].not_null) == (True, True, True)
    assert (columns["s"].type, columns["s"].default) == ("character varying(9)", "'x'::character varying")


def test_tables_of_other_schemas_are_there_when_a_foreign_key_points_to_them():
    run_sql("create table people (id int primary key)", schema="elsewhere")
    run_sql("create table t (p int references elsewhere.people on delete cascade)")
    catalog = read_old()
    assert [t.name.table for t in catalog.named()] == ["t"]
    assert table_of(catalog, "people", "elsewhere").person_key.name == "id"
    assert table_of(catalog, "t").foreign_keys[0].on_delete == "cascade"


def test_rights_name_every_role_and_columns_too():
    run_sql(
        'create table t (a int, "B b" int); grant select on t to tenantry_api; grant update ("B b") on t to public;'
        " grant insert on t to public"
    )
    table = table_of(read_old(), "t")
    assert table.grants == {"tenantry_api": ("SELECT",), "public": ("INSERT", 'UPDATE ("B b")')}
    assert table.may_alter
    assert table.may_read


def test_a_policy_can_be_made_again_from_what_was_read():
    run_sql(
        'create table "T t" (a int); alter table "T t" enable row level security;'
        'create policy "p ""q" on "T t" as restrictive for update to tenantry_api, public using (a > 1)'
        " with check (a % 2 = 0)"
    )
    before = table_of(read_old(), "T t").policies
    run_sql('drop policy "p ""q" on "T t"')
    run_sql(before[0].definition)
    assert table_of(read_old(), "T t").policies == before


def test_triggers_and_views_on_top_are_known():
    run_sql(
        "create table t (a int); create function f() returns trigger language plpgsql as 'begin return new; end';"
        "create trigger one before insert or update of a on t for each row execute function f();"
        "create constraint trigger two after delete on t deferrable for each row execute function f();"
        'create view v as select * from t; create materialized view "M m" as select * from v'
    )
    table = table_of(read_old(), "t")
    found = {t.name: (t.before, t.row, t.constraint, t.events, t.ours, t.function) for t in table.triggers}
    assert found["one"] == (True, True, False, ("insert", "update"), False, "old.f")
    assert found["two"] == (False, True, True, ("delete",), False, "old.f")
    assert table.dependents == ('old."M m"', "old.v")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("public", "Tenantry's own"),
        ("private", "Tenantry's own"),
        ("pg_catalog", "PostgreSQL's own"),
        ("Nope", '"Nope"'),
    ],
)
def test_some_schemas_are_refused_with_a_sentence(schema, words):
    with pytest.raises(CatalogRefused, match=words):
        read_old(schema)


def test_text_that_ignores_letters_is_text_wherever_its_extension_was_put():
    """An enumeration of its name stands for the extension, which not every server has."""
    run_sql("create schema extensions; create type extensions.citext as enum ('a')")
    run_sql("create domain login as extensions.citext; create table t (email extensions.citext, name login)")
    columns = table_of(read_old(), "t").columns
    assert [column.base for column in columns] == ["citext", "citext"]


@pytest.mark.parametrize(
    ("body", "copies"),
    [
        ("insert into h select old.*", True),
        ("insert into h values (now(), (new).*)", True),
        ("insert into h values (to_jsonb(new.*)); perform 1 where old.* is distinct from new.*", False),
        ("insert into h (a) values (new.a)", False),
    ],
)
def test_a_trigger_that_copies_whole_rows_is_told(body, copies):
    run_sql(
        "create table h (a int); create table t (a int); create function f() returns trigger language plpgsql as"
        f" $$ begin {body}; return null; end $$;"
        "create trigger keep after update on t for each row execute function f()"
    )
    (trigger,) = table_of(read_old(), "t").triggers
    assert trigger.copies_rows == copies
    assert ("copies whole rows" in comment_of(discover(), "t")) == copies
