"""The person columns of a table, best first."""

from dataclasses import dataclass

from tenants.backfill.catalog.model import Column, Table
from tenants.backfill.discover.people import People, comparable, plain_name, single_keys, sounds_like_person
from tenants.backfill.names import write_name
from tenants.backfill.plan.model import write_list
from tenants.backfill.plan.routes import parent_pairs


@dataclass(frozen=True)
class PersonColumn:
    """A column that names a person, and how that is known."""

    name: str
    by_key: bool
    not_null: bool
    unique: bool

    @property
    def rank(self) -> tuple[bool, bool]:
        return (not self.by_key, not self.not_null)

    def __str__(self) -> str:
        how = "a foreign key" if self.by_key else "by name and type"
        return f"{write_name(self.name)} ({how}, {'NOT NULL' if self.not_null else 'nullable'})"


def find_person_columns(table: Table, people: People) -> list[PersonColumn]:
    """Columns that name a person: by foreign key, else by name and type."""
    if table.name == people.table:
        return []
    keys: dict[str, bool] = {}
    for name, place in single_keys(table):
        # A row that points to its own table is about rows, whatever that table's key means.
        if place[0] != table.name:
            keys[name] = keys.get(name, False) or place in people.places
    in_keys = {column for key in table.foreign_keys for column in key.columns}
    found = []
    for column in (c for c in table.columns if not c.generated):
        named = column.name not in in_keys and sounds_like_person(column.name, people.table)
        if keys.get(column.name) or (named and comparable(column.base, people.base)):
            by_key, unique = bool(keys.get(column.name)), table.is_unique([column.name])
            found.append(PersonColumn(column.name, by_key, column.not_null, unique))
    return sorted(found, key=lambda c: c.rank)


def find_strange_columns(table: Table, people: People) -> list[str]:
    """Columns named after a person that can name none, by their type or because they are generated."""
    in_keys = {column for key in table.foreign_keys for column in key.columns}
    return [
        _describe_strange(column, people)
        for column in table.columns
        if column.name not in in_keys
        and sounds_like_person(column.name, people.table)
        and plain_name(column.name).endswith(("_id", "_by", "userid", "ownerid"))
        and (column.generated or not comparable(column.base, people.base))
    ]


def _describe_strange(column: Column, people: People) -> str:
    name = write_name(column.name)
    if column.generated:
        return f"{name} is named after a person, but generated: a trigger that sees a new row does not see it"
    wrong = f"{name} is named after a person, but its type is {column.type}, and a person's key is {people.base}"
    if not _as_text(column.base, people.base):
        return wrong
    letters = ", a uuid in small letters" if "uuid" in (column.base, people.base) else ""
    return f"{wrong} (user:{name} compares both as text{letters})"


def find_person_part(table: Table) -> str:
    """A column named after a person in a foreign key of several columns, which no route of a user can follow."""
    for key in table.foreign_keys:
        named = [column for column in key.columns if sounds_like_person(column)]
        if named and len(parent_pairs(key)) > 1:
            columns = write_list(key.columns)
            return f"{write_name(named[0])} is named after a person, but only {columns} together name a row of {key.to}"
    return ""


def _as_text(one: str, other: str) -> bool:
    return comparable(one, "text") or comparable(other, "text")


def choose_best(columns: list[PersonColumn]) -> list[PersonColumn]:
    """Those that nothing sets apart: a foreign key beats a name, NOT NULL beats nullable."""
    return [c for c in columns if c.rank == columns[0].rank]
