"""The log comes back as it was, with its seals: the chain is the organization's own, so it holds in any database."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql

from audit.verification import verify_log
from config.org_archive.catalog import OrgTable
from config.org_archive.errors import ArchiveRefused
from config.org_archive.source import Source
from config.org_archive.staging import fill_stage, insert_statement, look_at_stage, stage

# What this transaction wrote itself is not the past.
STANDING = """
select count(*) from {log} l where l.org_id = {org} and l.transaction_id <> pg_current_xact_id()::text::bigint
"""
BOTH = """
select count(*) from {stage} s join {log} l on l.org_id = s.org_id and l.created_at = s.created_at and l.id = s.id
where ({here}) is not distinct from ({there})
"""
TOMBSTONE = """
select last_position, encode(last_hash, 'hex') from private.audit_erased where org_id = %s and last_position > 0
order by erased_at desc limit 1
"""
SEALED = "select coalesce(max(position), 0) from private.audit_seals where org_id = %s"
SEAL_AT = "select encode(hash, 'hex') from private.chain_links where org_id = %s and position = %s"


@dataclass(frozen=True)
class LogBack:
    """How many rows of the log came back; `kept`: all of them had stayed here."""

    rows: int
    kept: bool


def restore_log(cursor: Any, tables: list[OrgTable], source: Source) -> LogBack:
    """Put log and chain back, or find that they never left; then verify them."""
    org_id = source.manifest.org_id
    # Last of all, for sealing waits from here on.
    cursor.execute("select pg_advisory_xact_lock(hashtext('tenantry sealing'))")
    for table in tables:
        file = source.file_of(table)
        fill_stage(cursor, table, file, source.pieces_of(file))
        look_at_stage(cursor, table, file, org_id)
    log = tables[0]
    rows = source.file_of(log).rows
    kept = log_stayed(cursor, log, rows, org_id)
    if not kept:
        cursor.execute(door_statement(log))
        for table in tables[1:]:
            cursor.execute(insert_statement(table))
    cursor.execute(SEALED, [org_id])
    brought = cursor.fetchone()[0]
    if not kept:
        cursor.execute("select private.seal_org(%s)", [org_id])
    refuse_broken_chain(cursor, org_id)
    refuse_other_chain(cursor, source, brought)
    return LogBack(rows, kept)


def log_stayed(cursor: Any, log: OrgTable, rows: int, org_id: UUID) -> bool:
    """Whether the log is still here: an organization that was purged leaves it, one that was erased does not."""
    names = {"log": log.identifier, "org": sql.Literal(org_id)}
    cursor.execute(sql.SQL(STANDING).format(**names))
    standing = cursor.fetchone()[0]
    if not standing:
        return False
    here, there = (
        sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.SQL(alias), sql.Identifier(c.name)) for c in log.carried)
        for alias in ("l", "s")
    )
    names |= {"stage": stage(log), "here": sql.SQL("row({})").format(here), "there": sql.SQL("row({})").format(there)}
    cursor.execute(sql.SQL(BOTH).format(**names))
    if cursor.fetchone()[0] != rows:
        raise ArchiveRefused(
            f"the log here holds {standing} rows of this organization, and not all of the archive's are among them."
            f" If nobody needs those: manage.py erase_org {org_id}, and this again."
        )
    return True


def door_statement(log: OrgTable) -> sql.Composed:
    """The log takes rows through its doors only, in the order in which they were written."""
    columns = sql.SQL(", ").join(sql.Identifier(c.name) for c in log.carried)
    return sql.SQL("insert into private.restored_log ({}) select {} from {} order by created_at, id").format(
        columns, columns, stage(log)
    )


def refuse_broken_chain(cursor: Any, org_id: UUID) -> None:
    """The chain proves the rows of the log."""
    faults = verify_log(cursor, org_id=org_id).faults
    if faults:
        raise ArchiveRefused(f"its log is not what was sealed: {faults[0].sentence(f'org {org_id}')}")


def refuse_other_chain(cursor: Any, source: Source, brought: int) -> None:
    """The tombstone, where there is one, proves the chain as far as the archive `brought` it sealed."""
    cursor.execute(TOMBSTONE, [source.manifest.org_id])
    for position, digest in cursor.fetchall():
        cursor.execute(SEAL_AT, [source.manifest.org_id, position])
        found = cursor.fetchone()
        if not found or found[0] == digest:
            continue
        if position <= brought:
            raise ArchiveRefused("its log is another one than that which was erased here: its chain was rewritten.")
        # Sealed after the export and now once more: a seal holds its moment, so the two differ for honest files, too.
        if not source.is_known:
            raise ArchiveRefused(
                "its log may be another one than that which was erased here, which was sealed further than the archive"
                " is. Show that it is the file of the export: --sha256 with the hash that export_org printed."
            )
