"""One strange table: how it is made, what stands in it, and what a plan says of it."""

from dataclasses import dataclass
from typing import Any

from tenants.backfill.names import TableName
from tests.faults.ground import Section

PLAIN, ODD = "strange", 'Öld "Shop" %s {0} %'
# People of one organization each, by their old keys.
KNOWN = (1, 2, 3, 7)
ROUTE = {"route": "user:user_id"}


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
