"""Rows of an archive in temporary tables: looked at before they become anybody's."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, connection
from psycopg import sql

from config.org_archive.catalog import Column, OrgTable
from config.org_archive.errors import ArchiveRefused
from config.org_archive.manifest import ArchivedFile
from postgres.errors import first_line

# A secret that nobody knows, where the column must not be empty: it opens nothing.
MADE_UP = {
    "text": "encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex')",
    "bytea": "sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))",
}
FOREIGN = "select count(*) from {stage} where {org} is distinct from {id}"
STRANGERS = """
select count(*) from {stage} s where s.{column} is not null
    and not exists (select from restored_people p where p.archived = s.{column})
"""


def stage(table: OrgTable) -> sql.Identifier:
    """The temporary table that stands for it."""
    return sql.Identifier("pg_temp", f"restore_{table.oid}")


def fill_stage(cursor: Any, table: OrgTable, file: ArchivedFile, pieces: Iterable[bytes]) -> None:
    """Copy the file's rows in; PostgreSQL reads each value as the column's type."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name, _ in file.columns)
    cursor.execute(
        sql.SQL("create temp table {} on commit drop as select {} from {} where false").format(
            sql.Identifier(f"restore_{table.oid}"), columns, table.identifier
        )
    )
    statement = sql.SQL("copy {} ({}) from stdin").format(stage(table), columns)
    try:
        # Not wrapped by itself: what COPY refuses would come as psycopg has it.
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            for piece in pieces:
                copy.write(piece)
    except (DataError, IntegrityError) as error:
        raise ArchiveRefused(f"{file.path} holds a value that {table.label} cannot: {first_line(error)}.") from error


def count_stage(cursor: Any, table: OrgTable, file: ArchivedFile) -> None:
    """As many rows as promised."""
    cursor.execute(sql.SQL("select count(*) from {}").format(stage(table)))
    rows = cursor.fetchone()[0]
    if rows != file.rows:
        raise ArchiveRefused(f"{file.path} holds {rows} rows and should hold {file.rows}.")


def look_at_stage(cursor: Any, table: OrgTable, file: ArchivedFile, org_id: UUID) -> None:
    """As many rows as promised, all of this organization, and nobody whom the archive does not introduce."""
    names = {"org": sql.Identifier(table.org_column), "id": sql.Literal(org_id), "stage": stage(table)}
    count_stage(cursor, table, file)
    cursor.execute(sql.SQL(FOREIGN).format(**names))
    if foreign := cursor.fetchone()[0]:
        raise ArchiveRefused(f"{file.path} holds {foreign} rows of another organization.")
    for column in (c for c in table.carried if c.person):
        cursor.execute(sql.SQL(STRANGERS).format(stage=stage(table), column=sql.Identifier(column.name)))
        if strangers := cursor.fetchone()[0]:
            raise ArchiveRefused(f"{file.path}: {strangers} rows name a person who is not among the archive's people.")


def source_of(column: Column) -> sql.Composed:
    """A column of the staged row, with people under the ids they have here."""
    name = sql.Identifier(column.name)
    if not column.person:
        return sql.SQL("s.{}").format(name)
    return sql.SQL("(select p.here from restored_people p where p.archived = s.{})").format(name)


def insert_statement(table: OrgTable) -> sql.Composed:
    """From the temporary table into its own; secrets that must not be empty are made up."""
    made_up = [c for c in table.columns if c.name in table.left_out and c.required]
    targets = [sql.Identifier(c.name) for c in (*table.carried, *made_up)]
    sources = [*map(source_of, table.carried), *(made_up_value(table, c) for c in made_up)]
    return sql.SQL("insert into {} ({}) overriding system value select {} from {} s").format(
        table.identifier, sql.SQL(", ").join(targets), sql.SQL(", ").join(sources), stage(table)
    )


def made_up_value(table: OrgTable, column: Column) -> sql.Composed:
    base = "text" if column.type == "text" or column.type.startswith("character varying") else column.type
    if base not in MADE_UP:
        raise ArchiveRefused(
            f"{table.label}.{column.name} is secret and required, and no {column.type} can be made up."
        )
    return sql.SQL("({})::{}").format(sql.SQL(MADE_UP[base]), sql.SQL(column.type))
