"""Erasing an organization: its rows, its log, what points to it; a tombstone stays, and a proof."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from audit.events import log_event
from audit.models import NO_ORG
from audit.sealing import seal_log
from config.chosen import suggest_slugs
from config.org_archive.catalog import Catalog, read_catalog
from config.org_archive.errors import ArchiveRefused, explaining
from config.org_archive.proof import Place, count_places
from config.org_archive.sessions import begin, only_one
from postgres.names import fill

JOB = "erase_org"
BY_SLUG = "select id, slug from {schema}.organizations where slug = %s"
LEFTOVERS = "select exists (select from {schema}.audit_logs where org_id = %s)"
# Nobody can write a row of it from here on: each has to ask this row first.
LOCK = "select status from {schema}.organizations where id = %s for update"
# An organization in deletion may lose its last owner.
CLOSE = """
update {schema}.organizations set status = 'deleting', deleting_since = now(), was_suspended = status = 'suspended'
where id = %s and status <> 'deleting'
"""
FORGET_CLAIM = """
update {schema}.users set app_metadata = app_metadata - 'org_id' where app_metadata ->> 'org_id' = %s
"""
TOMBSTONE = "insert into private.audit_erased (org_id) values (%s) returning log_rows, last_position"
ALONE = """
select count(*) from {schema}.org_members m where m.org_id = %(org)s
    and not exists (select from {schema}.org_members o where o.user_id = m.user_id and o.org_id <> m.org_id)
"""
# Log rows may come from a transaction that began before the erasure and ended after it.
SWEEPS = 5
SEAL_SECONDS = 30.0


@dataclass(frozen=True)
class Doomed:
    """What would go, place by place, and how many of its people are in no other organization: they stay."""

    org_id: UUID
    slug: str
    places: tuple[Place, ...]
    alone: int


@dataclass(frozen=True)
class Gone:
    """Rows of one table went."""

    label: str
    rows: int


@dataclass(frozen=True)
class Erased:
    """The proof: every place where a row of it could be, counted in a transaction of its own."""

    org_id: UUID
    log_rows: int
    places: tuple[Place, ...]
    sealed: bool

    @property
    def clean(self) -> bool:
        return not any(place.rows for place in self.places)


def find_doomed(name: str) -> Doomed:
    """What `erase_org` would erase; an organization that is gone is named by its id, for what it left."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        begin(cursor, JOB)
        org_id, slug = find_org(cursor, name)
        cursor.execute(fill(ALONE), {"org": org_id})
        alone = cursor.fetchone()[0]
        return Doomed(org_id, slug, tuple(count_places(cursor, org_id)), alone)


def find_org(cursor: Any, name: str) -> tuple[UUID, str]:
    cursor.execute(fill(BY_SLUG), [name])
    if found := cursor.fetchone():
        return found[0], found[1]
    try:
        org_id = UUID(name)
    except ValueError:
        org_id = None
    cursor.execute(fill(LEFTOVERS), [org_id])
    # What is filed under the nil UUID belongs to no organization, tombstones among it.
    if org_id in (None, NO_ORG) or not cursor.fetchone()[0]:
        raise ArchiveRefused(f"there is no organization {name!r}{suggest_slugs(name)}.")
    cursor.execute(fill("select slug from {schema}.organizations where id = %s"), [org_id])
    if found := cursor.fetchone():
        raise ArchiveRefused(f"this organization stands, as {found[0]!r}: manage.py erase_org {found[0]}")
    return org_id, str(org_id)


def erase_org(doomed: Doomed, *, reason: str = "") -> Iterator[Gone | Erased]:
    """Erase all of it in one transaction, then count again what may have come late, then seal the tombstone."""
    log_rows = 0
    # A row of nobody's organization that points to one of its rows: the database refuses to leave it dangling.
    doing = explaining("a row outside of it still points into it")
    with doing, transaction.atomic(durable=True), connection.cursor() as cursor:
        begin(cursor, JOB, reason)
        for gone in erase(cursor, doomed):
            log_rows += gone.rows if gone.label == "audit_logs" else 0
            yield gone
    places = sweep(doomed)
    sealed = seal_log(seconds=SEAL_SECONDS)
    yield Erased(doomed.org_id, log_rows, tuple(places), sealed.finished and tombstone_sealed(doomed.org_id))


def erase(cursor: Any, doomed: Doomed) -> Iterator[Gone]:
    """The transaction's work: children before parents, the organization, and last what the log knows of it."""
    only_one(cursor, doomed.org_id)
    cursor.execute(fill(LOCK), [doomed.org_id])
    cursor.execute(fill(CLOSE), [doomed.org_id])
    catalog = read_catalog(cursor)
    counts: dict[str, int] = {}
    for gone in erase_tables(cursor, catalog, doomed.org_id):
        counts[gone.label] = gone.rows
        yield gone
    cursor.execute(fill(FORGET_CLAIM), [str(doomed.org_id)])
    log_rows, position = set_tombstone(cursor, doomed.org_id)
    # The id and numbers: a slug or a name may be that of a person.
    log_event(
        cursor,
        "organization.erased",
        table="organizations",
        record=doomed.org_id,
        rows={label: number for label, number in counts.items() if number},
        log_rows=log_rows,
        last_position=position,
    )
    yield Gone("audit_logs", log_rows)


def erase_tables(cursor: Any, catalog: Catalog, org_id: UUID) -> Iterator[Gone]:
    """Groups that point to each other go in one statement, after which keys are checked."""
    for group in [*([t] for t in catalog.private), *reversed(catalog.groups)]:
        parts = [
            sql.SQL("{} as (delete from {} where {} returning 1)").format(
                sql.Identifier(f"t{n}"), table.identifier, table.of_org(org_id)
            )
            for n, table in enumerate(group)
        ]
        counts = [sql.SQL("(select count(*) from {})").format(sql.Identifier(f"t{n}")) for n in range(len(group))]
        cursor.execute(sql.SQL("with {} select {}").format(sql.SQL(", ").join(parts), sql.SQL(", ").join(counts)))
        for table, rows in zip(group, cursor.fetchone(), strict=True):
            yield Gone(table.label, rows)


def set_tombstone(cursor: Any, org_id: UUID) -> tuple[int, int]:
    """The database erases the log when its tombstone is set."""
    cursor.execute(TOMBSTONE, [org_id])
    log_rows, position = cursor.fetchone()
    return log_rows, position


def sweep(doomed: Doomed) -> list[Place]:
    """Count, and erase again what a transaction that was older than ours has written since."""
    for _ in range(SWEEPS):
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            begin(cursor, JOB)
            places = count_places(cursor, doomed.org_id)
            if not any(place.rows for place in places):
                return places
            set_tombstone(cursor, doomed.org_id)
    return places


def tombstone_sealed(org_id: UUID) -> bool:
    """Whether the event of the erasure has its seal: until no older transaction runs, it has to wait."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        begin(cursor, JOB)
        cursor.execute(
            fill(
                "select bool_and(exists (select from private.audit_seals s where s.org_id = l.org_id"
                " and s.created_at = l.created_at and s.log_id = l.id)) from {schema}.audit_logs l"
                " where l.action = 'organization.erased' and l.table_name = 'organizations' and l.record_id = %s"
            ),
            [str(org_id)],
        )
        return bool(cursor.fetchone()[0])
