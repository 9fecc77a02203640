"""Where a conversion stands, read from its tables: the same for the command and the console."""

import shlex
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from tenants.backfill.coordinator import find_coordinator
from tenants.models import (
    Conversion,
    ConversionState,
    ConversionTable,
    ConversionWorker,
    Phase,
    QuarantinedRow,
    TableState,
)

NEXT_VERB = {
    Phase.START: "run",
    Phase.COLUMN: "run",
    Phase.FILL: "run",
    Phase.CONSTRAIN: "guard",
    Phase.GUARD: "cutover",
    Phase.CUTOVER: "release",
}


@dataclass(frozen=True)
class TableStatus:
    """One table's progress."""

    table: str
    phase: str
    state: str
    reason: str
    strategy: str
    rows_passed: int
    rows_estimate: int
    rows_changed: int
    rate: float
    seconds_left: float | None
    waiting_rows: int
    """Quarantined rows without a decision."""


@dataclass(frozen=True)
class WorkerStatus:
    """A process that works on the conversion."""

    name: str
    task: str
    held_because: str
    seen_at: datetime


@dataclass(frozen=True)
class ConversionStatus:
    """A whole conversion, and the next command to type."""

    number: int
    state: str
    paused: str
    coordinator: str
    tables: tuple[TableStatus, ...]
    workers: tuple[WorkerStatus, ...]
    next_command: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_status(conversion: Conversion) -> ConversionStatus:
    """Read where it stands."""
    waiting = Count("quarantined", filter=Q(quarantined__decided_at=None, quarantined__applied_at=None))
    tables = ConversionTable.objects.filter(conversion=conversion).annotate(waiting=waiting).order_by("position")
    workers = ConversionWorker.objects.filter(conversion=conversion, ended_at=None).order_by("name")
    return ConversionStatus(
        number=conversion.number,
        state=conversion.state,
        paused=_describe_pause(conversion),
        coordinator=find_coordinator(conversion),
        tables=tuple(_read_table(table) for table in tables),
        workers=tuple(WorkerStatus(w.name, w.task, w.held_because, w.seen_at) for w in workers),
        next_command=find_next_command(conversion),
    )


def _describe_pause(conversion: Conversion) -> str:
    if conversion.paused_at is None:
        return ""
    reason = f": {conversion.pause_reason}" if conversion.pause_reason else ""
    return f"paused by {conversion.paused_by or 'somebody'} at {conversion.paused_at:%Y-%m-%d %H:%M} UTC{reason}"


def _read_table(table: Any) -> TableStatus:
    rate = _find_rate(table)
    left = max(0, table.rows_estimate - table.rows_passed)
    filling = table.phase == Phase.COLUMN and table.fill_started_at and not table.fill_finished_at
    return TableStatus(
        table=table.name,
        phase=table.phase,
        state=table.state,
        reason=table.reason,
        strategy=table.strategy,
        rows_passed=table.rows_passed,
        # Once it was counted there is no need to guess.
        rows_estimate=table.rows_passed if table.fill_finished_at else table.rows_estimate,
        rows_changed=table.rows_changed,
        rate=rate,
        seconds_left=left / rate if filling and rate else None,
        waiting_rows=table.waiting,
    )


def _find_rate(table: ConversionTable) -> float:
    """Rows per second since its fill began, pauses included."""
    if not table.fill_started_at:
        return 0.0
    end = table.fill_finished_at or timezone.now()
    return table.rows_passed / max((end - table.fill_started_at).total_seconds(), 0.001)


def name_plan_file(conversion: Conversion) -> str:
    """The plan as it was last named, fit to be typed."""
    return shlex.quote(conversion.plan_file) if conversion.plan_file else "PLAN"


def find_next_command(conversion: Conversion) -> str:
    """What to type next, by the table that is furthest behind."""
    command = "manage.py backfill_org_ids"
    if conversion.state != ConversionState.OPEN:
        return ""
    if conversion.paused_at:
        return f"{command} resume --run {conversion.number}"
    tables = list(ConversionTable.objects.filter(conversion=conversion))
    waiting = QuarantinedRow.objects.filter(table__conversion=conversion, applied_at=None, decided_org=None)
    if any(table.state == TableState.PARKED for table in tables) and waiting.exists():
        return f"{command} quarantine --run {conversion.number}"
    phases = [Phase.values.index(table.phase) for table in tables]
    if not phases or Phase(Phase.values[min(phases)]) not in NEXT_VERB:
        return ""
    return f"{command} {NEXT_VERB[Phase(Phase.values[min(phases)])]} --plan {name_plan_file(conversion)}"
