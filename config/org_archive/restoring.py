"""Putting an organization back: everything in one transaction, looked at before, compared afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from audit.events import log_event
from audit.models import NO_ORG
from config.org_archive.catalog import Catalog, OrgTable, read_catalog
from config.org_archive.comparing import compare_rows
from config.org_archive.container import check_files, hash_file, open_archive
from config.org_archive.errors import ArchiveRefused, explaining
from config.org_archive.log_rows import restore_log
from config.org_archive.manifest import ArchivedFile, Manifest, compare_schema
from config.org_archive.people import PEOPLE_FILE, Placed, parse_people, place_people
from config.org_archive.sequences import move_sequences
from config.org_archive.sessions import begin, only_one
from config.org_archive.source import Source
from config.org_archive.staging import count_stage, fill_stage, insert_statement, look_at_stage, stage
from postgres.names import fill

JOB = "restore_org"
STANDS = "select slug from {schema}.organizations where id = %s"
RESTORED = "select max(created_at) from {schema}.audit_logs where org_id = %s and action = 'organization.restored'"
RESTORED += " and new_data ->> 'sha256' = %s"
SLUG_TAKEN = "select exists (select from {schema}.organizations where slug = %s)"


@dataclass(frozen=True)
class Checked:
    """Every hash of the archive holds."""

    manifest: Manifest


@dataclass(frozen=True)
class Restored:
    """The rows of one table stand."""

    label: str
    rows: int


@dataclass(frozen=True)
class Back:
    """The organization is back; or would be, and was taken out again."""

    slug: str
    rows: int
    log_rows: int
    log_kept: bool
    people: Placed
    added: tuple[Restored, ...]
    left_out: tuple[str, ...]
    dry_run: bool


def restore_org(
    path: Path, *, slug: str | None = None, sha256: str | None = None, dry_run: bool = False
) -> Iterator[Checked | Restored | Back]:
    """Restore an archive, saying what stands; `dry_run` does all of it and takes it back."""
    if not path.is_file():
        raise ArchiveRefused("there is no such file.")
    digest = hash_file(path)
    if sha256 and digest != sha256.lower():
        raise ArchiveRefused(f"its SHA-256 is {digest}, not the one you gave: it is another file, or was changed.")
    with open_archive(path) as (archive, manifest):
        check_files(archive, manifest)
        yield Checked(manifest)
        source = Source(archive, manifest, digest, is_known=bool(sha256))
        doing = explaining("the database refuses a row of it")
        with doing, transaction.atomic(durable=True), connection.cursor() as cursor:
            begin(cursor, JOB, reason=f"restored from an archive with SHA-256 {digest}")
            yield from restore(cursor, source, slug or manifest.slug, dry_run=dry_run)
            transaction.set_rollback(dry_run)


def restore(cursor: Any, source: Source, slug: str, *, dry_run: bool) -> Iterator[Restored | Back]:
    """The transaction's work."""
    org_id = source.manifest.org_id
    only_one(cursor, org_id)
    refuse_standing(cursor, source, slug)
    catalog = read_catalog(cursor)
    refuse_other_schema(source.manifest, catalog)
    people = place_people(cursor, parse_people(b"".join(source.pieces_of(people_file(source.manifest)))))
    cursor.execute("select set_config('tenantry.restoring', %s, true)", [str(org_id)])
    added = tuple(added for table in catalog.needed if (added := add_needed(cursor, source, table)).rows)
    rows = 0
    for group in catalog.groups:
        for restored in restore_group(cursor, source, group, slug):
            rows += restored.rows
            yield restored
    for table in catalog.tables:
        compare_rows(cursor, table, org_id)
    log = restore_log(cursor, catalog.log, source)
    if not dry_run:
        move_sequences(cursor, catalog.tables)
    told = {"sha256": source.sha256, "rows": rows, "people_made": len(people.made)}
    log_event(cursor, "organization.restored", table="organizations", record=org_id, org_id=org_id, **told)
    left_out = tuple(f"{t.label}.{name}" for t in catalog.tables for name in t.left_out)
    yield Back(slug, rows, log.rows, log.kept, people, added, left_out, dry_run)


def people_file(manifest: Manifest) -> ArchivedFile:
    found = next((f for f in manifest.files if f.path == PEOPLE_FILE), None)
    if found is None:
        raise ArchiveRefused(f"{PEOPLE_FILE} is missing from it.")
    return found


def refuse_standing(cursor: Any, source: Source, slug: str) -> None:
    """An organization that is here is never written over."""
    org_id = source.manifest.org_id
    if org_id == NO_ORG:
        raise ArchiveRefused("its organization has the id that stands for none.")
    cursor.execute(fill(STANDS), [org_id])
    if found := cursor.fetchone():
        # Whoever lost the connection while all of it was committed types the command again, and reads how it ended.
        cursor.execute(fill(RESTORED), [org_id, source.sha256])
        when = cursor.fetchone()[0]
        restored = f", restored from this file at {when:%F %T %Z}" if when else ""
        raise ArchiveRefused(
            f"this organization is here, as {found[0]!r}{restored}: it is not written over. To put the archive in its"
            f" place: manage.py export_org {found[0]} --to FILE, manage.py erase_org {found[0]}, and this again."
        )
    cursor.execute(fill(SLUG_TAKEN), [slug])
    if cursor.fetchone()[0]:
        raise ArchiveRefused(
            f"another organization is called {slug!r} here: restore it under a new name by --slug NEW."
        )


def refuse_other_schema(manifest: Manifest, catalog: Catalog) -> None:
    differences = compare_schema(manifest, catalog.archived)
    if differences:
        release = ", ".join(f"{app} {name}" for app, name in manifest.migrations.items())
        raise ArchiveRefused(
            "it does not fit this database:\n  " + "\n  ".join(differences) + f"\nIt was written at {release}: restore"
            " it where those migrations are the newest (manage.py showmigrations), then upgrade."
        )


def add_needed(cursor: Any, source: Source, table: OrgTable) -> Restored:
    """Definitions that the organization's rows point to, where they are missing; what is here stays as it is."""
    file = source.file_of(table)
    fill_stage(cursor, table, file, source.pieces_of(file))
    count_stage(cursor, table, file)
    cursor.execute(sql.SQL("{} on conflict do nothing").format(insert_statement(table)))
    return Restored(table.label, cursor.rowcount)


def restore_group(cursor: Any, source: Source, group: list[OrgTable], slug: str) -> Iterator[Restored]:
    """One table; or several that point to each other, in one statement, after which their keys are checked."""
    for table in group:
        file = source.file_of(table)
        fill_stage(cursor, table, file, source.pieces_of(file))
        look_at_stage(cursor, table, file, source.manifest.org_id)
        if table.name == "organizations" and table.org_column == "id":
            refuse_other_organization(cursor, table, file)
            cursor.execute(sql.SQL("update {} set slug = %s").format(stage(table)), [slug])
    statements = [insert_statement(table) for table in group]
    if len(group) == 1:
        cursor.execute(statements[0])
    else:
        parts = [sql.SQL("{} as ({})").format(sql.Identifier(f"t{n}"), s) for n, s in enumerate(statements)]
        cursor.execute(sql.SQL("with {} select 1").format(sql.SQL(", ").join(parts)))
    yield from (Restored(table.label, source.file_of(table).rows) for table in group)


def refuse_other_organization(cursor: Any, table: OrgTable, file: ArchivedFile) -> None:
    if file.rows != 1:
        raise ArchiveRefused(f"{file.path} holds {file.rows} organizations and should hold one.")
