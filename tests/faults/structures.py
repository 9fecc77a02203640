"""Tables that are strange by their keys, names, partitions and parents."""

from typing import Any

from tests.faults.shapes import ODD, ROUTE, Shape, rows, user_shape

LONG = "l" * 63


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
        user_shape("person_as_number", "id int primary key, user_id smallint check (user_id > 0)", "{i}, {p}"),
        user_shape("late_key", "id int primary key deferrable initially deferred, user_id bigint", "{i}, {p}"),
        user_shape("including", "id int, t text, user_id bigint, unique (id) include (t)", "{i}, 't', {p}"),
        user_shape(
            "excluding",
            "span int4range, user_id bigint, exclude using gist (span with &&)",
            "int4range({i}, {i} + 1), {p}",
        ),
        user_shape(
            "generated_key",
            "id int, user_id bigint, twice int generated always as (id * 2) stored primary key",
            "{i}, {p}",
        ),
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
    return [*shapes, *named_parents()]


def named_parents() -> list[Shape]:
    """Parents by several columns, by no foreign key at all, and by partitions."""
    return [
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
            "unsaid_as_text",
            "create table unsaid_as_text (id int primary key, big text);",
            rows("insert into unsaid_as_text select {i}, {i}"),
            {"route": "parent:big->strange.by_bigint(id)"},
            to=("by_bigint", ("id",)),
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
