"""Names of tables as people write them in a plan and as SQL wants them."""

import re
from typing import NamedTuple

from psycopg import sql

from postgres.names import quote

PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
PART = re.compile(r'"(?:[^"]|"")+"|[^".]+')


class TableName(NamedTuple):
    """A table by schema and name, neither of them quoted."""

    schema: str
    table: str

    def __str__(self) -> str:
        return f"{write_name(self.schema)}.{write_name(self.table)}"

    @property
    def sql(self) -> sql.Identifier:
        """Quoted for SQL, whatever its letters."""
        return sql.Identifier(self.schema, self.table)


def write_name(name: str) -> str:
    """Quote a name only where SQL would read it otherwise."""
    return name if PLAIN.fullmatch(name) else quote(name)


def read_name(text: str) -> TableName:
    """Read `schema.table`, with parts in double quotes where they were written so."""
    parts = [part[1:-1].replace('""', '"') if part.startswith('"') else part for part in PART.findall(text)]
    if len(parts) != 2 or ".".join(PART.findall(text)) != text:
        raise ValueError(f"{text!r} is not schema.table")
    return TableName(*parts)
