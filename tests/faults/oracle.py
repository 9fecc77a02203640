"""What must come out of a conversion, by an arithmetic of its own: plain Python over the rows as they stood before."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from tenants.backfill.names import TableName
from tests.faults.ground import Ground, Section
from tests.faults.shapes import Shape
from tests.faults.strange import Strange

COLUMNS = """
select a.attname::text, a.attname = 'org_id' from pg_attribute a
where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
MEMBERS = """
select m.user_id::text, m.org_id::text, m.joined_at, m.id::text from org_members m
join organizations o on o.id = m.org_id where m.state = 'active' and o.status <> 'deleting'
"""
SHOWN = 5


@dataclass(frozen=True)
class Row:
    """A row as it matters here: a digest of all columns but org_id, those of its route as text, and its org."""

    digest: str
    route: tuple[str | None, ...]
    key: tuple[str | None, ...]
    org: str | None


@dataclass(frozen=True)
class Person:
    """The organizations somebody is in, earliest first, and the one they chose."""

    orgs: tuple[str, ...]
    chosen: str | None

    @property
    def active(self) -> str:
        return self.chosen if self.chosen in self.orgs else self.orgs[0]


@dataclass
class World:
    """Everybody the old database knows by key, and organizations by slug."""

    people: dict[str, Person | None] = field(default_factory=dict)
    slugs: dict[str, str] = field(default_factory=dict)


def read_world(ground: Ground, table: TableName, *, email: str = "email", key: str = "id") -> World:
    """People, matched by e-mail in whatever letters."""
    users = {
        mail.lower(): (uid, active)
        for uid, mail, active in ground.run_ours("select id::text, email, active_org_id::text from users")
    }
    members = defaultdict(list)
    for user, org, joined, member in ground.run_ours(MEMBERS):
        members[user].append((joined, member, org))
    world = World(slugs=dict(ground.run_ours("select slug, id::text from organizations")))
    read = sql.SQL("select {}::text, {} from {}").format(sql.Identifier(key), sql.Identifier(email), table.sql)
    for person, mail in ground.run(read):
        user, active = users.get((mail or "").strip().lower(), (None, None))
        orgs = tuple(org for _, _, org in sorted(members[user]))
        world.people[person] = Person(orgs, active) if orgs else None
    return world


def read_rows(ground: Ground, table: TableName, route: Iterable[str], key: Iterable[str] = ()) -> list[Row]:
    """All rows of a table, through the rights of the converting login."""
    with psycopg.connect(ground.dsn, autocommit=True) as session:
        name = table.sql.as_string(None)
        columns = session.execute(COLUMNS, [name]).fetchall()
        others = sql.SQL(", ").join(sql.Identifier(column) for column, org in columns if not org)
        texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in (*route, *key))
        org = sql.SQL("org_id::text" if any(org for _, org in columns) else "null::text")
        query = sql.SQL("select {}, md5(row({})::text) {} from {}").format(
            org, others, sql.SQL(", {}").format(texts) if (*route, *key) else sql.SQL(""), table.sql
        )
        split = 2 + len(tuple(route))
        return [Row(r[1], r[2:split], r[split:], r[0]) for r in session.execute(query).fetchall()]


def route_columns(section: Section) -> tuple[str, ...]:
    """The columns of a route, read by rules of our own: quoted names, then words."""
    kind, _, rest = section["route"].partition(":")
    if kind not in ("user", "parent"):
        return ()
    found, quoted, word = [], False, ""
    for letter in rest:
        if letter == '"':
            quoted = not quoted
        elif not quoted and (letter == "," or letter == "-"):
            found.append(word)
            word = ""
            if letter == "-":
                break
        else:
            word += letter
    return tuple(found if not word else [*found, word])


@dataclass(frozen=True)
class Fault:
    """A row that is not as it should be."""

    table: str
    what: str


class Oracle:
    """Looks at everything before, and judges afterwards."""

    def __init__(self, strange: Strange) -> None:
        self.strange = strange
        self.by_name = {shape.name: shape for shape in strange.shapes}
        self.before = {shape.name: self.read(shape) for shape in strange.shapes}
        self.world = read_world(strange.ground, TableName(*strange.people["table"].split(".")))

    def read(self, shape: Shape) -> list[Row]:
        return read_rows(self.strange.ground, shape.table, route_columns(shape.section), self.key_of(shape))

    def key_of(self, shape: Shape) -> tuple[str, ...]:
        """The columns by which children of this table name its rows; all children agree on them."""
        return next((child.to[1] for child in self.by_name.values() if child.to and child.to[0] == shape.name), ())

    def judge(self, *, moved: bool = False) -> list[Fault]:
        """Every fault; `moved`: the application wrote meanwhile, so rows are not those of before."""
        faults: list[Fault] = []
        now = {shape.name: self.read(shape) for shape in self.strange.shapes}
        for shape in self.strange.shapes:
            if not moved:
                faults += self.compare_rows(shape, now[shape.name])
            if shape.section["route"] != "exempt":
                faults += self.compare_orgs(shape, now)
        return faults

    def compare_rows(self, shape: Shape, now: list[Row]) -> list[Fault]:
        """The same rows as before, but for org_id."""
        before, after = Counter(row.digest for row in self.before[shape.name]), Counter(row.digest for row in now)
        if before == after:
            return []
        lost, new = (before - after).total(), (after - before).total()
        return [Fault(shape.name, f"{lost} rows of before are not there or changed, {new} are new or changed")]

    def compare_orgs(self, shape: Shape, now: dict[str, list[Row]]) -> list[Fault]:
        kept: dict[str, set[str | None]] = defaultdict(set)
        for row in self.before[shape.name]:
            if row.org is not None:
                kept[row.digest].add(row.org)
        parents = self.parents_of(shape, now)
        wrong = []
        for row in now[shape.name]:
            wanted = kept.get(row.digest) or {self.expect(shape, row, parents)}
            if row.org not in wanted:
                wrong.append(f"{row.route} has {row.org}, not {wanted}")
        if not wrong:
            return []
        return [Fault(shape.name, f"{len(wrong)} rows have a wrong organization: {'; '.join(wrong[:SHOWN])}")]

    def parents_of(self, shape: Shape, now: dict[str, list[Row]]) -> dict[tuple[str | None, ...], str | None]:
        if not shape.to:
            return {}
        name, columns = shape.to
        assert columns == self.key_of(self.by_name[name]), f"{shape.name} names {name} by other columns"
        return {row.key: row.org for row in now[name]}

    def expect(self, shape: Shape, row: Row, parents: dict[tuple[str | None, ...], str | None]) -> str | None:
        """The organization of a row by the plan; null: none, which is for quarantine."""
        kind, _, slug = shape.section["route"].partition(":")
        if kind == "org":
            return self.world.slugs[slug]
        if kind == "parent":
            return parents.get(row.route) or self.named(shape.section.get("no_org", "stop"))
        person = self.world.people.get(row.route[0] or "")
        if person is None:
            return self.named(shape.section.get("no_org", "stop"))
        return person.orgs[0] if len(person.orgs) == 1 else self.choose(person, shape.section.get("many_orgs", "stop"))

    def choose(self, person: Person, choice: str) -> str | None:
        return {"active": person.active, "earliest": person.orgs[0]}.get(choice) or self.named(choice)

    def named(self, choice: str) -> str | None:
        return self.world.slugs[choice[4:]] if choice.startswith("org:") else None


def explain(faults: list[Any]) -> str:
    return "\n".join(f"{fault.table}: {fault.what}" for fault in faults)
