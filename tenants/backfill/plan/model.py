"""What a plan says, as dataclasses; the text of a route or choice is what the file holds."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from tenants.backfill.names import TableName, read_name, write_name

LIST = re.compile(r'\s*("(?:[^"]|"")+"|[^",()]+)\s*(?:,|$)')


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
        return Route(RouteKind.ORG, slug=rest)
    columns, arrow, target = rest.partition("->")
    to, to_columns = _read_target(target) if arrow else (None, ())
    return Route(RouteKind(kind), read_list(columns), to, to_columns)


def _read_target(text: str) -> tuple[TableName, tuple[str, ...]]:
    name, bracket, columns = text.rpartition("(")
    if not bracket or not columns.endswith(")"):
        raise ValueError(f"{text!r} is not SCHEMA.TABLE(COLUMN[,COLUMN])")
    return read_name(name), read_list(columns[:-1])


def read_list(text: str) -> tuple[str, ...]:
    """Read column names, quoted ones with commas in them included."""
    found = LIST.findall(text)
    return tuple(p[1:-1].replace('""', '"') if p.startswith('"') else p.strip() for p in found)


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
    kind, _, slug = text.partition(":")
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
    line: int = 0

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
