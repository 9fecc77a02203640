"""How strict a table's fill trigger is: it follows the phase that the table has reached."""

from psycopg import sql

from tenants.backfill.changes import change_schema, record_change
from tenants.backfill.derive.functions import FillMode, compose_fill_function
from tenants.models import ConversionTable, Phase

FROM_PHASE = {Phase.CONSTRAIN: FillMode.REQUIRED, Phase.GUARD: FillMode.GUARDED}


def mode_at(phase: str) -> FillMode:
    """What the fill trigger of a table in this phase does."""
    place = Phase.values.index(phase)
    reached = [mode for start, mode in FROM_PHASE.items() if Phase.values.index(start) <= place]
    return reached[-1] if reached else FillMode.OPEN


def note_fill_mode(table: ConversionTable, mode: FillMode, *, phase: str) -> None:
    """Record the way back of a mode that is about to be set together with something else."""
    record_change(table, phase=phase, kind="fill_mode", name=mode, undo=_compose_undo(table, phase).as_string(None))


def set_fill_mode(table: ConversionTable, mode: FillMode, *, phase: str, lock_ms: int) -> None:
    """Let the fill trigger refuse what this phase forbids; no table is locked."""
    change_schema(
        table,
        compose_fill_function(table, mode),
        phase=phase,
        kind="fill_mode",
        name=mode,
        undo=_compose_undo(table, phase),
        lock_ms=lock_ms,
        as_owner=True,
    )


def _compose_undo(table: ConversionTable, phase: str) -> sql.Composed:
    return compose_fill_function(table, mode_at(Phase.values[Phase.values.index(phase) - 1]))
