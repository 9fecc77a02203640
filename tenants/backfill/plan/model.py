"""What a plan says, as dataclasses; the text of a route or choice is what the file holds."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from tenants.backfill.names import TableName, read_name, write_name

QUOTED = r'"(?:[^"]|"")+"'
WORD = r"[^\s\",()](?:[^\",()]*[^\s\",()])?"
ITEM = re.compile(rf"\s*({QUOTED}|{WORD})\s*(,|\Z)")
# What stands in quotes is a name, arrows and brackets in it included.
ARROW = re.compile(rf"((?:{QUOTED}|[^\"])*?)->(.*)", re.DOTALL)
TARGET = re.compile(rf"((?:{QUOTED}|[^\"(])+)\(((?:{QUOTED}|[^\"()])+)\)", re.DOTALL)
SLUG = re.compile(r"\S+")


class RouteKind(StrEnum):
    """How a row finds its organization."""

    USER = "user"
    PARENT = "parent"
    ORG = "org"
    EXEMPT = "exempt"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Route:
    """user:COLUMN, parent:COLUMNS[->TABLE(COLUMNS)], org:SLUG, exempt or undecided."""

    kind: RouteKind
    columns: tuple[str, ...] = ()
    to: TableName | None = None
    to_columns: tuple[str, ...] = ()
    slug: str = ""

    def __str__(self) -> str:
        if self.kind is RouteKind.ORG:
            return f"org:{self.slug}"
        if not self.columns:
            return str(self.kind)
        target = f"->{self.to}({write_list(self.to_columns)})" if self.to else ""
        return f"{self.kind}:{write_list(self.columns)}{target}"


def read_route(text: str) -> Route:
    """Read a route as a plan writes it."""
    kind, _, rest = text.partition(":")
    if kind in (RouteKind.EXEMPT, RouteKind.UNDECIDED) and not rest:
        return Route(RouteKind(kind))
    if not rest or kind not in (RouteKind.USER, RouteKind.PARENT, RouteKind.ORG):
        raise ValueError(
            f"{text!r} is no route: user:COLUMN, parent:COLUMN[,COLUMN][->SCHEMA.TABLE(COLUMN[,COLUMN])], org:SLUG,"
            " exempt or undecided"
        )
    if kind == RouteKind.ORG:
        if not SLUG.fullmatch(rest):
            raise ValueError(f"{text!r}: {rest!r} is no slug")
        return Route(RouteKind.ORG, slug=rest)
    split = ARROW.fullmatch(rest)
    if split is None:
        return _check_route(Route(RouteKind(kind), read_list(rest)))
    to, to_columns = _read_target(split[2])
    return _check_route(Route(RouteKind(kind), read_list(split[1]), to, to_columns))


def _check_route(route: Route) -> Route:
    if route.kind is RouteKind.USER and (len(route.columns) > 1 or route.to):
        raise ValueError(f"{str(route)!r}: the route of a user is one column, user:COLUMN")
    if route.to and len(route.columns) != len(route.to_columns):
        raise ValueError(f"{str(route)!r} has another number of columns before -> than behind it")
    return route


def _read_target(text: str) -> tuple[TableName, tuple[str, ...]]:
    match = TARGET.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not SCHEMA.TABLE(COLUMN[,COLUMN])")
    return read_name(match[1].strip()), read_list(match[2])


def read_list(text: str) -> tuple[str, ...]:
    """Read column names, quoted ones with commas in them included."""
    found, position, more = [], 0, ","
    while more:
        match = ITEM.match(text, position)
        if not match:
            raise ValueError(
                f"{text!r} is no list of columns: COLUMN[,COLUMN], with double quotes around strange names"
            )
        name, more = match.groups()
        found.append(name[1:-1].replace('""', '"') if name.startswith('"') else name)
        position = match.end()
    if position < len(text):
        raise ValueError(f"{text!r} is no list of columns: something stands behind its end")
    return tuple(found)


def write_list(columns: tuple[str, ...]) -> str:
    """Write column names for `read_list`."""
    return ",".join(map(write_name, columns))


class ChoiceKind(StrEnum):
    """What becomes of a row that its route leaves without one organization."""

    STOP = "stop"
    QUARANTINE = "quarantine"
    ACTIVE = "active"
    EARLIEST = "earliest"
    ORG = "org"


@dataclass(frozen=True)
class Choice:
    """stop, quarantine, org:SLUG; for people of many organizations active and earliest as well."""

    kind: ChoiceKind = ChoiceKind.STOP
    slug: str = ""

    def __str__(self) -> str:
        return f"org:{self.slug}" if self.slug else str(self.kind)


def read_choice(text: str) -> Choice:
    """Read a choice as a plan writes it."""
    kind, colon, slug = text.partition(":")
    if kind not in ChoiceKind.__members__.values() or (kind == ChoiceKind.ORG) != bool(SLUG.fullmatch(slug)):
        raise ValueError(f"{text!r} is no choice")
    if colon and kind != ChoiceKind.ORG:
        raise ValueError(f"{text!r} is no choice")
    return Choice(ChoiceKind(kind), slug)


@dataclass(frozen=True)
class PeoplePlan:
    """Who the old database's people are: absent in a plan, person columns hold users.id."""

    table: TableName
    match: str = "id"
    """`id`, or the column that holds the e-mail."""
    missing: str = "stop"
    """stop, create or create-in."""
    slug: str = ""
    line: int = 0
    notes: tuple[str, ...] = ()
    """Comments that a person wrote into its section."""
    lines: dict[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class TablePlan:
    """The decisions about one table."""

    name: TableName
    route: Route
    table_class: str = "secondary"
    no_org: Choice = Choice()
    many_orgs: Choice = Choice()
    triggers: str = "gate"
    keep: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    comment: tuple[str, ...] = ()
    """What discover found, line by line; stands above its section."""
    line: int = 0
    notes: tuple[str, ...] = ()
    """Comments that a person wrote into its section; discover keeps them."""
    lines: dict[str, int] = field(default_factory=dict, compare=False)
    """Where in the file each key stands."""

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)

    @property
    def converts(self) -> bool:
        return self.route.kind in (RouteKind.USER, RouteKind.PARENT, RouteKind.ORG)


@dataclass(frozen=True)
class Plan:
    """A whole plan file."""

    schemas: tuple[str, ...]
    tables: dict[TableName, TablePlan]
    people: PeoplePlan | None = None
    fingerprint: str = ""
    text: str = ""
    comments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What stands at the `head` of the file, above `people`, and at its `end`."""
    lines: dict[str, int] = field(default_factory=dict, compare=False)
