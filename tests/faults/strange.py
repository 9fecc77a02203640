"""Schemas that nobody would design, and that stand in databases all the same; each table with its route and rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tenants.backfill.names import TableName
from tests.faults.ground import Ground, Section
from tests.faults.people import OLD_PEOPLE, Crowd

PLAIN, ODD = "strange", 'Öld "Shop" %s {0} %'
LONG = "l" * 63
# The order of the routes' tables is not that of their dependence: the engine has to find that.
KNOWN = (1, 2, 3, 7)


@dataclass(frozen=True)
class Shape:
    """One table: how it is made, what is written into it, and what the plan says of it."""

    name: str
    make: str
    fill: str
    section: Section
    schema: str = PLAIN
    to: tuple[str, tuple[str, ...]] | None = None
    """For the oracle: the parent's name (of the same schema) and its columns, in the order of the route's."""

    @property
    def table(self) -> TableName:
        return TableName(self.schema, self.name)


@dataclass
class Strange:
    """What was built."""

    ground: Ground
    crowd: Crowd
    shapes: list[Shape]
    people: Section
    sections: dict[str, Section] = field(default_factory=dict)

    @property
    def schemas(self) -> list[str]:
        return sorted({shape.schema for shape in self.shapes})

    def write_plan(self, **changed: Section) -> None:
        """A plan by hand, the people exempt; `changed` by the names of tables."""
        sections = dict(self.sections)
        for shape in self.shapes:
            sections[str(shape.table)] = {**shape.section, **self.keep, **changed.get(shape.name, {})}
        self.ground.write_plan(self.schemas, sections, self.people)

    @property
    def keep(self) -> Section:
        return {"keep": [self.ground.app, self.ground.owner]}


PEOPLE_TABLE = "create table people (id bigint primary key, email text, name text not null default '');"
ROUTE = {"route": "user:user_id"}


def rows(statement: str, people: tuple[int, ...] = KNOWN, count: int = 40) -> str:
    """`{i}` is a number, `{p}` the key of a person."""
    array = f"(array{list(people)})[1 + i % {len(people)}]"
    return statement.replace("{i}", "i").replace("{p}", array) + f" from generate_series(1, {count}) as i;"


def user_shape(name: str, columns: str, values: str, **more: Any) -> Shape:
    """A table with its key, a person and something strange."""
    quoted = TableName("x", name).sql.as_string(None).split(".", 1)[1]
    section = {**ROUTE, **more.pop("section", {})}
    make = f"create table {quoted} ({columns});"
    people = more.pop("people", KNOWN)
    return Shape(name, make, rows(f"insert into {quoted} select {values}", people), section, **more)


def key_shapes() -> list[Shape]:
    """Keys of every kind, and none."""
    return [
        user_shape("by_bigint", "id bigint primary key, user_id bigint references people, t text", "{i}, {p}, 'x'"),
        user_shape("by_uuid", "id uuid primary key, user_id bigint", "gen_random_uuid(), {p}"),
        user_shape("by_text", 'id text collate "C" primary key, user_id bigint', "'k%' || {i}, {p}"),
        user_shape(
            "by_pair",
            "a smallint, b text, at timestamptz, user_id bigint not null, primary key (b, a)",
            "{i}, 'b''' || {i} % 3, now(), {p}",
        ),
        user_shape("keyless", "user_id bigint, t text", "{p}, 'twin'"),
        user_shape("null_unique", "code text unique, user_id bigint", "case when {i} % 2 = 0 then 'c' || {i} end, {p}"),
        Shape(
            "by_identity",
            "create table by_identity (id bigint generated always as identity primary key, user_id integer);",
            rows("insert into by_identity (user_id) select {p}"),
            ROUTE,
        ),
        user_shape("person_as_text", "id int primary key, user_id text", "{i}, {p}::text"),
    ]


def name_shapes() -> list[Shape]:
    """Names that have to be quoted, doubled or cut."""
    columns = '"select" int primary key, "User Id" bigint, "from" text, "%s" text, "{}" text'
    odd: dict[str, Any] = {"schema": ODD, "section": {"route": 'user:"User Id"'}}
    return [
        user_shape("Order", columns, "{i}, {p}, '%', '%%', '{}'", **odd),
        user_shape('q"u%o{t}e.d', columns, "{i}, {p}, null, '%(a)s', ''", **odd),
        user_shape("наклад ная", columns, "{i}, {p}, null, null, null", **odd),
        user_shape(LONG, "id int primary key, user_id bigint", "{i}, {p}"),
        user_shape(f"{LONG[:62]}x", "id int primary key, user_id bigint", "{i}, {p}"),
        user_shape(f'{"u" * 61}"\\', "id int primary key, user_id bigint", "{i}, {p}"),
        Shape(
            "user",
            'create table "user" (n int primary key, "table" bigint);',
            rows('insert into "user" select {i}, {p}'),
            {"route": "user:table"},
        ),
        Shape(
            "comma",
            'create table comma ("a,b" int primary key, "p->q(r)" bigint);',
            rows("insert into comma select {i}, {p}"),
            {"route": 'user:"p->q(r)"'},
        ),
    ]


def partition_shapes() -> list[Shape]:
    """Partitioned by range, list and hash, with a default and with partitions of partitions."""
    return [
        Shape(
            "by_range",
            "create table by_range (id int, at date, user_id bigint, t text, primary key (id, at))"
            " partition by range (at);"
            "create table by_range_old partition of by_range for values from ('2020-01-01') to ('2022-01-01');"
            "create table by_range_new (t text, user_id bigint, gone int, at date not null, id int not null,"
            " primary key (id, at));"
            "alter table by_range_new drop column gone;"
            "alter table by_range attach partition by_range_new for values from ('2022-01-01') to ('2024-01-01');"
            "create table by_range_rest partition of by_range default;",
            rows("insert into by_range select {i}, '2020-01-01'::date + {i} * 50, {p}, 't'"),
            ROUTE,
        ),
        Shape(
            "by_list",
            "create table by_list (kind text, user_id bigint, n int) partition by list (kind);"
            "create table \"By List %\" partition of by_list for values in ('0', '1') partition by range (n);"
            'create table by_list_low partition of "By List %" for values from (0) to (20);'
            'create table by_list_high partition of "By List %" default;'
            "create table by_list_null partition of by_list for values in (null);"
            "create table by_list_rest partition of by_list default;",
            rows("insert into by_list select nullif({i} % 4, 3)::text, {p}, {i}"),
            ROUTE,
        ),
        Shape(
            "by_hash",
            "create table by_hash (id uuid primary key, user_id bigint) partition by hash (id);"
            "create table by_hash_0 partition of by_hash for values with (modulus 2, remainder 0);"
            "create table by_hash_1 partition of by_hash for values with (modulus 2, remainder 1);",
            rows("insert into by_hash select gen_random_uuid(), {p}"),
            ROUTE,
        ),
    ]


def chain_shapes() -> list[Shape]:
    """Children of children, by single and by several columns, that point to themselves too, with every ON DELETE."""
    shapes = [
        user_shape(
            "chain_0",
            "id int primary key, user_id bigint, up int references chain_0",
            "{i}, {p}, case when {i} > 4 then {i} - 4 end",
        ),
    ]
    actions = ("cascade", "set null", "restrict", "no action deferrable initially deferred", "set default")
    for depth, action in enumerate(actions, 1):
        above = f"chain_{depth - 1}"
        shapes.append(
            Shape(
                f"chain_{depth}",
                f"create table chain_{depth} (id int primary key, up int references {above} on delete {action});",
                rows(f"insert into chain_{depth} select {{i}}, 1 + {{i}} % 40"),
                {"route": "parent:up"},
                to=(above, ("id",)),
            )
        )
    shapes += [
        Shape(
            "pair_child",
            "create table pair_child (id int primary key, x smallint, y text,"
            " foreign key (y, x) references by_pair (b, a) match full);",
            rows("insert into pair_child select {i}, {i}, 'b''' || {i} % 3"),
            {"route": "parent:x,y"},
            to=("by_pair", ("a", "b")),
        ),
        Shape(
            "unsaid",
            "create table unsaid (id int primary key, place int);",
            rows("insert into unsaid select {i}, 1 + {i} % 44"),
            {"route": "parent:place->strange.chain_5(id)", "no_org": "org:HOME"},
            to=("chain_5", ("id",)),
        ),
        Shape(
            "of_part",
            "create table of_part (id int primary key, part_id int, part_at date,"
            " foreign key (part_id, part_at) references by_range);",
            rows("insert into of_part select {i}, {i}, '2020-01-01'::date + {i} * 50"),
            {"route": "parent:part_id,part_at"},
            to=("by_range", ("id", "at")),
        ),
    ]
    return shapes


def column_shapes() -> list[Shape]:
    """Columns of types and kinds that are easily changed by accident."""
    types = (
        "id int primary key, user_id bigint not null, mood mood, place zip, tags text[], doc json, docb jsonb, x xml,"
        " at point, big text, money numeric(20, 4), f float8, ip inet, span int4range, b bytea, iv interval,"
        " bits bit(3), c char(9), low text generated always as (lower(big)) stored,"
        " n int generated by default as identity,"
        " never text default 'no' not null"
    )
    values = (
        "{i}, {p}, 'sad'::mood, '01234'::zip, array['a,b', null, '\"'], '{\"b\":1, \"a\" : 2, \"b\":3}'::json,"
        " '{\"a\": [1, null]}'::jsonb, null::xml, '(1,2)'::point,"
        " (select string_agg(md5((i * 1000 + s)::text), '') from generate_series(1, 400) as s),"
        " 1234567890.1234, 'NaN'::float8, '10.0.0.1/8'::inet, '[1,5)'::int4range, '\\x00ff'::bytea,"
        " '1 mon -1 day'::interval, b'101', 'pad'"
    )
    kinds = "create type mood as enum ('glad', 'sad'); create domain zip as text check (value ~ '^[0-9]{5}$');"
    named = "id, user_id, mood, place, tags, doc, docb, x, at, big, money, f, ip, span, b, iv, bits, c"
    return [
        Shape(
            "types",
            f"{kinds} create table types ({types}); alter table types alter big set storage external;",
            rows(f"insert into types ({named}) select {values}", count=12),
            ROUTE,
        ),
        Shape(
            "dropped",
            "create table dropped (a int, id int primary key, b text, user_id bigint, c int);"
            "alter table dropped drop column a, drop column c;",
            rows("insert into dropped select {i}, 'b', {p}"),
            ROUTE,
        ),
        Shape("empty", "create table empty (id int primary key, user_id bigint);", "", ROUTE),
    ]


TRIGGERS = """
create table triggered (id int primary key, user_id bigint, said text, touched int not null default 0);
create table triggered_log (n int generated always as identity primary key, id int, what text);
create function touch() returns trigger language plpgsql as $$ begin
    new.touched := new.touched + 1; return new; end $$;
create function take_over() returns trigger language plpgsql as $$ begin
    if new.said like 'for %' then new.user_id := substr(new.said, 5)::bigint; end if; return new; end $$;
create function note() returns trigger language plpgsql as $$ begin
    insert into strange.triggered_log (id, what) values (coalesce(new.id, old.id), tg_op); return null; end $$;
create trigger touch before update on triggered for each row execute function touch();
create trigger zz_take_over before insert or update on triggered for each row execute function take_over();
create trigger zzz_note after insert or update or delete on triggered for each row
    when (pg_trigger_depth() < 5) execute function note();
create constraint trigger at_end after update on triggered deferrable initially deferred
    for each row execute function note();
create trigger off after update on triggered for each row execute function note();
alter table triggered disable trigger off;
create trigger of_said after update of said on triggered for each row execute function note();
"""
WALLED = """
create table walled (id int primary key, user_id bigint, t text);
alter table walled enable row level security;
create policy own on walled to "{app}" using (true) with check (true);
create policy never on walled as restrictive for delete to "{app}" using (id <> 13);
create table walled_in (id int primary key, user_id bigint);
alter table walled_in enable row level security;
alter table walled_in force row level security;
create policy all_of_it on walled_in using (current_user in ('{app}', '{owner}') or pg_has_role('{owner}', 'member'));
"""


def rule_shapes(ground: Ground) -> list[Shape]:
    """Triggers, policies, views and settings of the old application's own."""
    walled = WALLED.replace("{app}", ground.app).replace("{owner}", ground.owner)
    return [
        Shape("triggered", TRIGGERS, rows("insert into triggered select {i}, {p}, 'hello'"), ROUTE),
        Shape("triggered_log", "", "", {"route": "exempt"}),
        Shape("walled", walled, rows("insert into walled select {i}, {p}, 'w'"), ROUTE),
        Shape("walled_in", "", rows("insert into walled_in select {i}, {p}"), ROUTE),
        Shape(
            "viewed",
            "create table viewed (id int primary key, user_id bigint, t text)"
            " with (fillfactor = 70, autovacuum_enabled = false, autovacuum_vacuum_scale_factor = 0.5);"
            "create view viewed_view as select * from viewed where t is not null;"
            "create materialized view viewed_seen as select user_id, count(*) from viewed_view group by 1;"
            "create rule viewed_rule as on update to viewed_view do instead nothing;"
            "comment on table viewed is 'it''s % mine'; comment on column viewed.t is 'te{x}t';"
            "create index on viewed (lower(t)); alter table viewed cluster on viewed_pkey;"
            "create statistics viewed_stat on id, user_id from viewed; alter table viewed alter t set statistics 7;",
            rows("insert into viewed select {i}, {p}, 'v'"),
            ROUTE,
        ),
    ]


def org_shapes(crowd: Crowd) -> list[Shape]:
    """Tables that have an org_id already, in every state, and tables that belong to one organization."""
    column = "org_id uuid references public.organizations"
    carl = crowd.orgs["carl"]
    kept = f"case when {{i}} % 2 = 0 then '{carl}'::uuid end"
    return [
        user_shape("org_null", "id int primary key, user_id bigint, org_id uuid", "{i}, {p}, null"),
        user_shape("org_some", f"id int primary key, {column}, user_id bigint", f"{{i}}, {kept}, {{p}}"),
        user_shape(
            "org_all",
            "id int primary key, user_id bigint, org_id uuid not null",
            f"{{i}}, {{p}}, '{carl}'::uuid",
            people=(3,),
        ),
        user_shape(
            "org_default",
            f"id int primary key, user_id bigint, org_id uuid default '{carl}'",
            f"{{i}}, {{p}}, '{carl}'::uuid",
            people=(3,),
        ),
        Shape(
            "fixed",
            "create table fixed (id int primary key, t text);",
            rows("insert into fixed select {i}, 't'"),
            {"route": "org:HOME"},
        ),
        Shape(
            "fixed_some",
            "create table fixed_some (id int primary key, org_id uuid);",
            rows(f"insert into fixed_some select {{i}}, {kept}"),
            {"route": "org:HOME"},
        ),
        Shape(
            "fixed_parts",
            "create table fixed_parts (id int) partition by range (id);"
            "create table fixed_parts_1 partition of fixed_parts default;",
            rows("insert into fixed_parts select {i}"),
            {"route": "org:HOME"},
        ),
    ]


QUARANTINED = ("lost", "lost_child")


def lost_shapes() -> list[Shape]:
    """Rows whose person is null, unknown, without organization or with many."""
    everybody = (1, 2, 3, 4, 5, 6, 7, 8, 999)
    columns = "id int primary key, user_id bigint"
    values = "{i}, nullif({p}, 999)"
    home = {"no_org": "org:HOME"}
    return [
        user_shape("to_home", columns, "{i}, {p}", people=everybody, section={**home, "many_orgs": "org:HOME"}),
        user_shape("to_active", columns, values, people=everybody, section={**home, "many_orgs": "active"}),
        user_shape("to_earliest", columns, values, people=everybody, section={**home, "many_orgs": "earliest"}),
    ]


def quarantined_shapes() -> list[Shape]:
    """Rows that a person has to decide about, and their children."""
    aside = {"no_org": "quarantine", "many_orgs": "quarantine"}
    everybody = (1, 2, 3, 4, 5, 6, 7, 8, 998, 999)
    return [
        user_shape(
            "lost", "id int primary key, user_id bigint", "{i}, nullif({p}, 999)", people=everybody, section=aside
        ),
        Shape(
            "lost_child",
            "create table lost_child (id int primary key, up int references lost);",
            rows("insert into lost_child select {i}, nullif({i}, 40)"),
            {"route": "parent:up", **aside},
            to=("lost", ("id",)),
        ),
    ]


Select = Callable[[Shape], bool]


def build_strange(ground: Ground, crowd: Crowd, select: Select = lambda shape: True) -> Strange:
    """Both schemas with all shapes, or those that are selected (without what these need: select it too)."""
    parts = (
        key_shapes(),
        name_shapes(),
        partition_shapes(),
        chain_shapes(),
        column_shapes(),
        rule_shapes(ground),
        org_shapes(crowd),
        lost_shapes(),
        quarantined_shapes(),
    )
    shapes = [give_home(shape, crowd) for part in parts for shape in part if select(shape)]
    ground.run_ours(f'grant references on organizations to "{ground.owner}"')
    tables = PEOPLE_TABLE + compose_people()
    for schema in dict.fromkeys(shape.schema for shape in shapes):
        made = "".join(shape.make + shape.fill for shape in shapes if shape.schema == schema)
        ground.build(schema, (tables if schema == PLAIN else "") + made)
    people = {"table": f"{PLAIN}.people", "match": "email:email"}
    strange = Strange(ground, crowd, shapes, people, {f"{PLAIN}.people": {"route": "exempt"}})
    strange.write_plan()
    return strange


def give_home(shape: Shape, crowd: Crowd) -> Shape:
    """Write the slug of the home organization where the section says HOME."""
    section = {
        key: value.replace("HOME", crowd.home_slug) if isinstance(value, str) else value
        for key, value in shape.section.items()
    }
    return Shape(shape.name, shape.make, shape.fill, section, shape.schema, shape.to)


def compose_people() -> str:
    values = ", ".join(f"({key}, '{mail}')" for key, mail, _ in OLD_PEOPLE)
    return f"insert into people (id, email) values {values};"
