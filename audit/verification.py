"""Verifying the sealed log: walks the chains by set-based SQL, a range at a time, and names the first fault of each."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audit.faults import Fault, keep_first
from audit.heads import PREFIX, Head, HeadsRefused, export_heads, load_heads
from audit.verification_sql import (
    ADDED,
    CONTENTS_SWAPPED,
    ENDS,
    ERASED,
    IN_RANGE,
    OUTSIDE,
    OUTSIDE_AFTER,
    PLACE_OF,
    PLACES_SWAPPED,
    PLANNER,
    WALK,
)
from postgres.names import fill

RANGE_ROWS = 20_000
Place = tuple[uuid.UUID, int]
START: Place = (uuid.UUID(int=0), 0)
SWAPS = {"edited": CONTENTS_SWAPPED, "seal changed": PLACES_SWAPPED}
WORDS = {
    "edited": "the row was edited after it was sealed",
    "removed": "the row was removed, or its key changed, after it was sealed",
    "added": "the row has no seal: it was added where everything had been sealed, or its seal was removed",
    "seal changed": "the seal itself was changed",
}


@dataclass
class Verdict:
    """What was looked at, and the first fault of each chain."""

    rows: int = 0
    chains: int = 0
    retired: int = 0
    heads: int = 0
    faults: list[Fault] = field(default_factory=list)


def verify_log(
    cursor: Any, *, org_id: uuid.UUID | None = None, heads: Iterable[Head] = (), range_rows: int = RANGE_ROWS
) -> Verdict:
    """Compare seals, log and heads; where sealing may run beside it, the transaction must be REPEATABLE READ."""
    verdict = Verdict()
    cursor.execute(PLANNER)
    in_range = walk_chains(cursor, verdict, org_id, range_rows)
    check_added(cursor, verdict, org_id, in_range)
    check_ends(cursor, verdict, org_id)
    for head in heads:
        if org_id is None or str(org_id) == head["org_id"]:
            check_outside(cursor, verdict, head)
    verdict.faults = keep_first(verdict.faults)
    return verdict


def walk_chains(cursor: Any, verdict: Verdict, org_id: uuid.UUID | None, range_rows: int) -> int:
    """Check every link; return how many of their rows lie where sealing has been."""
    place, in_range = START, 0
    while True:
        names = {"org": org_id, "after_org": place[0], "after": place[1], "size": range_rows + 1}
        cursor.execute(fill(WALK), names)
        rows, known, retired, chains, last_org, last_position, faults = cursor.fetchone()
        if last_org is None:
            return in_range
        verdict.rows += rows
        verdict.retired += retired
        verdict.chains += chains
        in_range += known
        place = (last_org, last_position)
        broken = {str(fault.org_id) for fault in verdict.faults}
        verdict.faults += [
            explain(cursor, found) for found in json.loads(faults or "[]") if found["org_id"] not in broken
        ]


def explain(cursor: Any, found: dict[str, Any]) -> Fault:
    """Turn what the walk saw into a fault: two rows that changed places are told from one that was edited."""
    org, position, kind = uuid.UUID(found["org_id"]), found["position"], found["fault"]
    if kind == "gap":
        before = found["before"]
        what = f"the seals from here to the one before position {position} were removed"
        return Fault(org, before + 1, "removed", what)
    what = WORDS[kind]
    if kind in SWAPS:
        cursor.execute(fill(SWAPS[kind]), found)
        other = cursor.fetchone()
        if other:
            where = f"position {other[1]}" + ("" if other[0] == org else f" of org {other[0]}")
            kind, what = "swapped", f"the row was swapped with the one at {where} after both were sealed"
    created_at = datetime.fromisoformat(found["created_at"]).astimezone(UTC)
    return Fault(org, position, kind, what, uuid.UUID(found["log_id"]), created_at)


def check_added(cursor: Any, verdict: Verdict, org_id: uuid.UUID | None, in_range: int) -> None:
    """Rows without a seal where sealing has been: looked for only when there are more rows than seals."""
    cursor.execute(fill(IN_RANGE), {"org": org_id})
    if cursor.fetchone()[0] == in_range:
        return
    cursor.execute(fill(ADDED), {"org": org_id})
    for org, log_id, created_at, transaction_id in cursor.fetchall():
        names = {"org": org, "transaction": transaction_id, "created_at": created_at, "id": log_id}
        cursor.execute(fill(PLACE_OF), names)
        verdict.faults.append(Fault(org, cursor.fetchone()[0], "added", WORDS["added"], log_id, created_at))


def check_ends(cursor: Any, verdict: Verdict, org_id: uuid.UUID | None) -> None:
    """Each chain ends at its head."""
    cursor.execute(ENDS, {"org": org_id})
    for org, head, last in cursor.fetchall():
        if head is not None and (last is None or last < head):
            what = f"the end of the chain is cut off: it was sealed up to position {head}"
            verdict.faults.append(Fault(org, (last or 0) + 1, "cut off", what))
        else:
            verdict.faults.append(Fault(org, last, "seal changed", "the chain does not end in its head"))


def check_outside(cursor: Any, verdict: Verdict, head: Head) -> None:
    """The chain still passes through a head that was copied outside."""
    verdict.heads += 1
    org, position, exported = uuid.UUID(head["org_id"]), head["position"], f"(copied outside {head['sealed_at']})"
    cursor.execute(OUTSIDE, {"org": org, "position": position})
    found = cursor.fetchone()
    if found and found[0] == head["hash"]:
        return
    cursor.execute(ERASED, {**head, "org": org})
    if cursor.fetchone()[0]:
        return
    if found:
        what = f"the chain was rewritten: its hash here is not the one {exported}"
        verdict.faults.append(Fault(org, position, "rewritten", what))
        return
    cursor.execute(OUTSIDE_AFTER, {"org": org, "position": position})
    last, retired = cursor.fetchone()
    if not retired and (last or 0) < position:
        what = f"the end of the chain is cut off: it was sealed up to position {position} {exported}"
        verdict.faults.append(Fault(org, (last or 0) + 1, "cut off", what))


def export_checked(cursor: Any, folder: Path) -> Path:
    """Copy the heads, but never over or beside a copy that the database no longer bears out: that copy is evidence."""
    verdict = Verdict()
    for newest in sorted(folder.glob(f"{PREFIX}*.json"))[-1:]:
        for head in load_heads(newest):
            check_outside(cursor, verdict, head)
    for fault in verdict.faults[:1]:
        raise HeadsRefused(
            f"{fault.sentence(f'org {fault.org_id}')} Nothing was copied. See all of it: manage.py verify_audit"
            f" --heads {folder}"
        )
    return export_heads(cursor, folder)
