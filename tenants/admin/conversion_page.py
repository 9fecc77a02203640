"""What the page of a conversion shows, and its live part once a second or two."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from tenants.admin.history import tell_people
from tenants.admin.showing import count, span
from tenants.backfill.fill.crew import LIVE_SECONDS
from tenants.backfill.requests import find_attendant
from tenants.backfill.status import ConversionStatus, TableStatus, WorkerStatus, read_status
from tenants.models import (
    Asked,
    Conversion,
    ConversionRequest,
    ConversionShare,
    ConversionState,
    Phase,
    QuarantinedRow,
    ShareState,
    TableState,
)

COMMAND = "manage.py backfill_org_ids"
REQUESTS_SHOWN = 6
FAULTS_SHOWN = 20
# Whoever looks wants to see first what waits for them, then what moves.
RANKS = {TableState.PARKED: 0, TableState.HELD: 1, TableState.WORKING: 2, TableState.WAITING: 3, TableState.DONE: 4}
TONES = {TableState.PARKED: "danger", TableState.HELD: "warning", TableState.WORKING: "info", TableState.DONE: "good"}
LABELS = {
    TableState.PARKED: "waits for you",
    TableState.HELD: "held",
    TableState.WORKING: "working",
    TableState.WAITING: "not begun",
    TableState.DONE: "done",
}
WORDS = {Asked.RUN: "to go on", Asked.VERIFY: "for the proof"}


@dataclass(frozen=True)
class Headline:
    """Where the whole stands, in a word, a colour and a sentence."""

    word: str
    tone: str
    sentence: str


def build_live(conversion: Conversion) -> dict[str, Any]:
    """Everything that changes while somebody looks."""
    status = read_status(conversion)
    live = [worker for worker in status.workers if _is_live(worker)]
    wishes = list(ConversionRequest.objects.filter(conversion=conversion)[:REQUESTS_SHOWN])
    waiting = [wish for wish in wishes if wish.finished_at is None]
    parked = [table for table in status.tables if table.state == TableState.PARKED]
    quarantined = QuarantinedRow.objects.filter(table__conversion=conversion, applied_at=None).aggregate(
        undecided=Count("pk", filter=Q(decided_org=None)), decided=Count("pk", filter=~Q(decided_org=None))
    )
    return {
        "conversion": conversion,
        "status": status,
        "headline": find_headline(status, live, waiting, quarantined["undecided"]),
        "total": build_total(status),
        "tables": [build_table(t) for t in sorted(status.tables, key=lambda t: RANKS.get(TableState(t.state), 9))],
        "workers": live,
        "holds": [worker for worker in live if worker.held_because],
        "silent": [worker for worker in status.workers if worker not in live] if status.coordinator else [],
        "parked": parked,
        "batches": _find_parked_batches(conversion),
        "quarantined": quarantined,
        "wishes": tell_wishes(wishes),
        "attendant": find_attendant(),
        "command": f"{COMMAND} attend",
        "unattended": bool(waiting) and not find_attendant(),
        **find_actions(status, waiting, bool(parked) or bool(quarantined["decided"])),
    }


def find_headline(
    status: ConversionStatus, live: list[WorkerStatus], waiting: list[ConversionRequest], undecided: int
) -> Headline:
    """The most pressing thing that can be said of it."""
    if status.state == ConversionState.RELEASED:
        return Headline("Released", "good", "Every table is converted, and the application names organizations itself.")
    if status.state == ConversionState.UNDONE:
        return Headline("Undone", "quiet", "Every table is back where it was.")
    if status.paused:
        return Headline("Paused", "warning", f"{status.paused[0].upper()}{status.paused[1:]}.")
    if status.coordinator:
        if live and all(worker.held_because for worker in live):
            return Headline("Held", "warning", f"{live[0].held_because[0].upper()}{live[0].held_because[1:]}.")
        return Headline("Running", "info", f"Carried out by {status.coordinator}.")
    if any(wish.verb == Asked.RUN for wish in waiting):
        return Headline("Asked for", "info", "It goes on as soon as a process takes it up.")
    if undecided or any(table.state == TableState.PARKED for table in status.tables):
        return Headline("Waits for you", "danger", "It ended at something that a person has to decide.")
    return Headline("Not running", "quiet", "No process works on it at the moment.")


def find_actions(status: ConversionStatus, waiting: list[ConversionRequest], stuck: bool) -> dict[str, Any]:
    """What can be asked for now."""
    is_open, asked = status.state == ConversionState.OPEN, {wish.verb for wish in waiting}
    idle = is_open and not status.paused and not status.coordinator and Asked.RUN not in asked
    runs = any(table.phase in (Phase.START, Phase.COLUMN, Phase.FILL) for table in status.tables)
    return {
        "can_pause": is_open and not status.paused,
        "can_resume": is_open and bool(status.paused),
        "can_retry": idle and (stuck or runs),
        "retry_label": "Retry" if stuck else "Go on",
        "can_verify": status.state != ConversionState.UNDONE and Asked.VERIFY not in asked,
    }


def build_total(status: ConversionStatus) -> dict[str, Any]:
    """All tables together, by rows."""
    whole = sum(count_whole(t) for t in status.tables)
    passed = sum(t.rows_passed for t in status.tables)
    moving = [t for t in status.tables if t.seconds_left is not None]
    done = sum(t.phase not in (Phase.START, Phase.COLUMN) for t in status.tables)
    return {
        "percent": _percent(passed, whole),
        "rows": f"{count(passed)} of {count(whole)} rows passed" if whole else "no row counted yet",
        "tables": f"{done} of {len(status.tables)} tables filled",
        "rate": f"{count(round(sum(t.rate for t in moving)))} rows/s" if moving else "",
        "left": span(max(t.seconds_left or 0 for t in moving)) if moving else "",
    }


def count_whole(table: TableStatus) -> int:
    """An estimate, until the fill has counted."""
    filled = table.phase not in (Phase.START, Phase.COLUMN)
    return table.rows_passed if filled else max(table.rows_estimate, table.rows_passed)


def build_table(table: TableStatus) -> dict[str, Any]:
    """One table as a row of the page."""
    state = TableState(table.state)
    whole = count_whole(table)
    return {
        "name": table.table,
        "label": LABELS[state],
        "tone": TONES.get(state, "quiet"),
        "phase": table.phase,
        "step": Phase.values.index(table.phase),
        "steps": len(Phase.values) - 1,
        "reason": table.reason,
        "strategy": table.strategy.replace("_", " "),
        "percent": _percent(table.rows_passed, whole),
        "rows": f"{count(table.rows_passed)} of {count(whole)}" if whole else "",
        "rate": f"{count(round(table.rate))}/s" if table.seconds_left is not None else "",
        "left": f"{span(table.seconds_left)} left" if table.seconds_left is not None else "",
        "waiting": table.waiting_rows,
    }


def tell_wishes(wishes: list[ConversionRequest]) -> list[dict[str, Any]]:
    """With names in place of actors, and what the proof found."""
    people = tell_people({wish.asked_by for wish in wishes})
    return [{"wish": w, "who": people[w.asked_by], "what": WORDS[Asked(w.verb)], **_tell_proof(w)} for w in wishes]


def _tell_proof(wish: ConversionRequest) -> dict[str, Any]:
    proof = wish.proof or {}
    against = [r for r in proof.get("results", ()) if r["faults"]]
    return {"faults": against[:FAULTS_SHOWN], "more": max(0, len(against) - FAULTS_SHOWN)}


def _find_parked_batches(conversion: Conversion) -> list[ConversionShare]:
    parked = ConversionShare.objects.filter(table__conversion=conversion, state=ShareState.PARKED)
    return list(parked.select_related("table").order_by("table__position", "number")[:FAULTS_SHOWN])


def _is_live(worker: WorkerStatus) -> bool:
    return worker.seen_at >= timezone.now() - timedelta(seconds=LIVE_SECONDS)


def _percent(part: int, whole: int) -> int:
    """100 only when nothing is left."""
    return 0 if not whole else 100 if part >= whole else min(99, part * 100 // whole)
