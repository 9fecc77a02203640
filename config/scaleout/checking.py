"""Runs the checks: one SQL file each, whose first line says for which way it counts and what has to hold."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction

FOLDER = Path(__file__).parent / "sql"
FIRST_LINE = re.compile(r"\A-- (?P<way>both|citus|move)(?P<known> known)?: (?P<rule>.+)\n")
WAYS = {
    "move": "One organization to another cluster, by row-filtered logical replication",
    "citus": "Sharding by organization, with Citus",
}


@dataclass(frozen=True)
class Check:
    """One rule; `known` is what we render otherwise on the other side, and no obstacle."""

    name: str
    ways: tuple[str, ...]
    known: bool
    rule: str
    statement: str


@dataclass(frozen=True)
class Obstacle:
    """One thing that does not hold, and what to do."""

    way: str
    check: str
    known: bool
    object: str
    reason: str
    remedy: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_checks() -> Iterator[Check]:
    for path in sorted(FOLDER.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        if path.stem != "tools" and (found := FIRST_LINE.match(text)):
            ways = tuple(WAYS) if found["way"] == "both" else (found["way"],)
            yield Check(path.stem, ways, bool(found["known"]), found["rule"], text)


def find_obstacles() -> list[Obstacle]:
    """All of them, in the order of the ways; nothing is changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        # The owner role may have no business in an old application's schema: the catalog shows it all the same.
        cursor.execute((FOLDER / "tools.sql").read_text(encoding="utf-8"), None)
        found = [obstacle for check in read_checks() for obstacle in run_check(cursor, check)]
        transaction.set_rollback(True)
    return sorted(found, key=lambda o: (list(WAYS).index(o.way), o.known, o.object, o.check))


def run_check(cursor: Any, check: Check) -> Iterator[Obstacle]:
    cursor.execute(check.statement, None)
    for row in cursor.fetchall():
        for way in check.ways:
            yield Obstacle(way, check.name, check.known, *row)
