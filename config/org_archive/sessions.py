"""How these commands enter the database: as the owning login, for converted tables in other schemas are its own."""

from typing import Any
from uuid import UUID

from config.org_archive.errors import ArchiveRefused

# Texts must not depend on who exports or restores.
SETTINGS = {
    "role": "none",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "row_security": "on",
    "request.jwt.claims": "",
    "request.jwt.signature": "",
}


def begin(cursor: Any, job: str, reason: str = "") -> None:
    """For this transaction: who acts, and how values are written as text."""
    values = {**SETTINGS, "tenantry.job": job, "tenantry.reason": reason, "tenantry.batch_id": ""}
    cursor.execute(
        "select set_config(n, v, true) from unnest(%s::text[], %s::text[]) as s (n, v)",
        [list(values), list(values.values())],
    )
    cursor.execute("select private.is_owner_session()")
    if not cursor.fetchone()[0]:
        raise ArchiveRefused("this login does not own the database: set DATABASE_URL to the one that ran migrate.")


def only_one(cursor: Any, org_id: UUID) -> None:
    """Nobody else restores or erases the same organization until this transaction ends."""
    cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 2026))", [f"tenantry archive {org_id}"])
    if not cursor.fetchone()[0]:
        raise ArchiveRefused("another restore_org or erase_org is at work on this organization: wait for it.")
