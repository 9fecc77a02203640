"""Where the old database keeps its people, and how one of them is found among ours."""

from dataclasses import dataclass, replace

from django.conf import settings
from psycopg import sql

from tenants.backfill.derive.keys import (
    UUID_KEY,
    WHOLE_NUMBERS,
    ColumnUnknown,
    KeyColumn,
    compare,
    read_key,
    read_primary_key,
)
from tenants.backfill.names import TableName
from tenants.backfill.plan.model import PeoplePlan

# Where ours match by id, a person who is to be made needs an e-mail still.
EMAIL_COLUMNS = ("email", "e_mail", "email_address", "mail")
SPACES = sql.SQL(r"E' \t\r\n'")


class PeopleRefused(RuntimeError):
    """The plan's [people] cannot be carried out as it is; nothing was changed."""


@dataclass(frozen=True)
class PeopleSource:
    """The people table with its key and e-mail; without a table, our own users."""

    table: TableName | None
    key: KeyColumn
    email: str
    by_email: bool

    @property
    def relation(self) -> sql.Identifier:
        return self.table.sql if self.table else ours("users")

    def key_of(self, alias: str) -> sql.Identifier:
        return sql.Identifier(alias, self.key.name)

    def email_of(self, alias: str) -> sql.Composable:
        """As a person would have typed it at sign-up; null where it is none.

        Compared as ours are: a collation of its own may know no patterns, or other small letters.
        """
        if not self.email:
            return sql.SQL("null::text")
        text = sql.SQL('{}::text collate pg_catalog."default"').format(sql.Identifier(alias, self.email))
        trimmed = sql.SQL("btrim({}, {})").format(text, SPACES)
        return sql.SQL("nullif({}, '')").format(trimmed)

    def match(self, alias: str, user: str) -> sql.Composable:
        """The condition under which a user of ours is this person."""
        if self.by_email:
            return sql.SQL("{}.email_lower = lower({})").format(sql.Identifier(user), self.email_of(alias))
        return compare(sql.Identifier(user, "id"), UUID_KEY, self.key_of(alias), self.key)


def ours(table: str) -> sql.Identifier:
    """A table of Tenantry's own."""
    return sql.Identifier(settings.TENANTRY_SCHEMA, table)


def read_source(people: PeoplePlan | None) -> PeopleSource:
    """Look the people table up in the catalog."""
    if people is None:
        return PeopleSource(None, UUID_KEY, "email", by_email=False)
    key = read_primary_key(people.table)
    if key.type in WHOLE_NUMBERS:
        # Of a person column that is wider, a function of the narrow type would know nothing.
        key = replace(key, type="bigint")
    if people.match != "id":
        column = people.match.removeprefix("email:")
        read_key(people.table, (column,))
        return PeopleSource(people.table, key, column, by_email=True)
    return PeopleSource(people.table, key, _find_email(people.table), by_email=False)


def _find_email(table: TableName) -> str:
    for column in EMAIL_COLUMNS:
        try:
            read_key(table, (column,))
        except ColumnUnknown:
            continue
        return column
    return ""
