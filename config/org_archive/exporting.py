"""Writing an organization into an archive: one snapshot, every table, its log with its seals, the people it names."""

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import connection, transaction
from psycopg import sql

from audit.events import log_event
from config.chosen import suggest_slugs
from config.org_archive.catalog import Catalog, OrgTable, read_catalog
from config.org_archive.container import MANIFEST, hash_content, new_file
from config.org_archive.errors import ArchiveRefused
from config.org_archive.manifest import ArchivedFile, Manifest, fingerprint, newest_migrations
from config.org_archive.people import PEOPLE_FILE, collect_people
from config.org_archive.sessions import begin
from config.org_archive.unfinished import give_name, unfinished_file
from postgres.names import fill

JOB = "export_org"
NO_PATH = re.compile(r"[^a-z0-9_-]")


@dataclass(frozen=True)
class Written:
    """A file of the archive is complete."""

    label: str
    rows: int
    size: int


@dataclass(frozen=True)
class Finished:
    """The archive is in its place."""

    path: Path
    sha256: str
    size: int
    left_out: tuple[str, ...]


def export_org(slug: str, path: Path) -> Iterator[Written | Finished]:
    """Write it, and say of each table when it is done; the log of the organization will say that it left."""
    with unfinished_file(path) as file:
        org_id, left_out = yield from write_archive(file, slug)
        finished = Finished(path, hash_content(file), file.tell(), left_out)
        # Before it has its name: killed between the two, there is no archive that the log does not know.
        note_export(org_id, finished)
        give_name(file, path)
    yield finished


def write_archive(target: IO[bytes], slug: str) -> Generator[Written, None, tuple[UUID, tuple[str, ...]]]:
    """The zip, and what it says about itself; whose it is, and what is not in it."""
    with (
        ZipFile(target, "w", ZIP_DEFLATED, compresslevel=6) as archive,
        transaction.atomic(durable=True),
        connection.cursor() as cursor,
    ):
        # One moment for all tables: what is written meanwhile is for the next export.
        cursor.execute("set transaction isolation level repeatable read, read only")
        begin(cursor, JOB)
        org_id, name = find_org(cursor, slug)
        catalog = read_catalog(cursor)
        files: list[ArchivedFile] = []
        for file in write_files(cursor, archive, catalog, org_id):
            files.append(file)
            yield Written(file.label if file.table else "people", file.rows, file.size)
        shape = fingerprint(catalog.archived)
        manifest = Manifest(org_id, slug, name, tuple(files), shape, newest_migrations())
        with new_file(archive, MANIFEST) as written:
            written.write(manifest.as_bytes())
    return org_id, secrets_of(catalog)


def find_org(cursor: Any, slug: str) -> tuple[UUID, str]:
    cursor.execute(fill("select id, name from {schema}.organizations where slug = %s"), [slug])
    found = cursor.fetchone()
    if not found:
        raise ArchiveRefused(f"there is no organization {slug!r}{suggest_slugs(slug)}.")
    return found[0], found[1]


def write_files(cursor: Any, archive: Any, catalog: Catalog, org_id: UUID) -> Iterator[ArchivedFile]:
    """People, tables in the order in which they can be restored, then the log."""
    yield write_people(cursor, archive, catalog, org_id)
    for place, table in enumerate(catalog.archived):
        folder = "log" if table in catalog.log else "needed" if table in catalog.needed else "tables"
        path = f"{folder}/{place:03d}-{NO_PATH.sub('_', table.name.lower())[:60]}.copy"
        columns = tuple((c.name, c.type) for c in table.carried)
        file = ArchivedFile(path, 0, 0, "", table.schema, table.name, columns, table.left_out)
        yield copy_out(cursor, archive, file, select_rows(table, org_id))


def select_rows(table: OrgTable, org_id: UUID) -> sql.Composed:
    """Its rows in the order of its key; a table without one in the order of their text."""
    columns = sql.SQL(", ").join(sql.Identifier(c.name) for c in table.carried)
    keys: list[sql.Composable] = [*map(sql.Identifier, table.key)] or [
        sql.SQL("t::text collate {}").format(sql.Identifier("C"))
    ]
    return sql.SQL("select {} from {} t where {} order by {}").format(
        columns, table.identifier, table.of_org(org_id), sql.SQL(", ").join(keys)
    )


def copy_out(cursor: Any, archive: Any, file: ArchivedFile, query: sql.Composed) -> ArchivedFile:
    """Stream a query's rows as PostgreSQL writes them for itself."""
    with new_file(archive, file.path) as target:
        # Not wrapped by itself: a lost connection would come as psycopg has it.
        with connection.wrap_database_errors, cursor.copy(sql.SQL("copy ({}) to stdout").format(query)) as copy:
            for piece in copy:
                target.write(piece)
        return replace(file, rows=cursor.rowcount, size=target.size, sha256=target.sha256)


def write_people(cursor: Any, archive: Any, catalog: Catalog, org_id: UUID) -> ArchivedFile:
    """Who the rows name: id, e-mail and name, so that they can be found again; nothing that lets anybody in."""
    people = collect_people(cursor, catalog.tables, org_id)
    with new_file(archive, PEOPLE_FILE) as target:
        for person in people:
            target.write(json.dumps(person.as_dict(), ensure_ascii=False).encode() + b"\n")
        return ArchivedFile(PEOPLE_FILE, len(people), target.size, target.sha256)


def secrets_of(catalog: Catalog) -> tuple[str, ...]:
    return tuple(f"{table.label}.{name}" for table in catalog.tables for name in table.left_out)


def note_export(org_id: UUID, finished: Finished) -> None:
    """In its log, with the hash: whoever restores a file can see whether it is this one."""
    details = {"sha256": finished.sha256, "bytes": finished.size}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        begin(cursor, JOB)
        log_event(cursor, "organization.exported", table="organizations", record=org_id, org_id=org_id, **details)
