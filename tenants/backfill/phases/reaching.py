"""Which tables a phase is about, whether they may enter it, and the note that they have reached it."""

from collections.abc import Iterable

from django.db import transaction

from tenants.backfill.names import TableName, read_name
from tenants.backfill.plan.model import Plan, TablePlan
from tenants.models import Conversion, ConversionState, ConversionTable, Phase, TableState

ORDER = Phase.values


def choose_tables(conversion: Conversion, only: Iterable[str] = ()) -> list[ConversionTable]:
    """Those of the conversion, parents first, or the named ones of them."""
    wanted = {str(read_name(name)) for name in only}
    found = ConversionTable.objects.filter(conversion=conversion).order_by("position")
    return [table for table in found if not wanted or table.name in wanted]


def plan_of(table: ConversionTable, plan: Plan) -> TablePlan:
    """The plan's section about a table."""
    return plan.tables[TableName(*read_name(table.name))]


def has_reached(table: ConversionTable, phase: str) -> bool:
    """Whether a table is there, or beyond."""
    return ORDER.index(table.phase) >= ORDER.index(phase)


def reach_phase(table: ConversionTable, phase: str) -> None:
    """Note that a table is there; never backwards."""
    if not has_reached(table, phase):
        table.phase, table.state, table.reason = phase, TableState.DONE, ""
        with transaction.atomic():
            table.save(update_fields=["phase", "state", "reason", "updated_at"])


def converted_oids() -> set[int]:
    """The tables of every conversion that stands, whose rows all have an organization."""
    phases = ORDER[ORDER.index(Phase.CONSTRAIN) :]
    found = ConversionTable.objects.exclude(conversion__state=ConversionState.UNDONE).filter(phase__in=phases)
    return set(found.values_list("oid", flat=True))
