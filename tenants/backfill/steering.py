"""Finding conversions, pausing and resuming them; the console and the command both call these."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from tenants.backfill.plan.model import Plan
from tenants.models import Conversion, ConversionState


class NoConversion(LookupError):
    """There is no such conversion."""


def find_conversion(number: int | None = None) -> Conversion:
    """The conversion of this number, or the newest."""
    found = Conversion.objects.order_by("-number")
    conversion = found.filter(number=number).first() if number else found.first()
    if conversion is None:
        raise NoConversion(
            f"There is no conversion {number}: manage.py backfill_org_ids status shows the newest."
            if number
            else "There is no conversion yet. Next: manage.py backfill_org_ids discover --schema SCHEMA --plan FILE"
        )
    return conversion


def find_by_schemas(schemas: Iterable[str], *states: ConversionState) -> Conversion | None:
    """The newest conversion of exactly these schemas that is in one of the states."""
    wanted = sorted(set(schemas))
    return Conversion.objects.filter(schemas=wanted, state__in=states).order_by("number").last()


def is_released(plan: Plan) -> bool:
    """Whether every table that the plan converts has been released, and nothing of it is open."""
    if find_by_schemas(plan.schemas, ConversionState.OPEN):
        return False
    conversion = find_by_schemas(plan.schemas, ConversionState.RELEASED)
    converted = {str(table.name) for table in plan.tables.values() if table.converts}
    return conversion is not None and converted <= set(conversion.tables.values_list("name", flat=True))


def pause_conversion(conversion: Conversion, *, reason: str, actor: str) -> bool:
    """Ask every worker to end after its batch; False: it was paused already, or there is nothing left to pause."""
    with transaction.atomic():
        changed = Conversion.objects.filter(pk=conversion.pk, paused_at=None, state=ConversionState.OPEN).update(
            paused_at=timezone.now(), paused_by=actor, pause_reason=reason
        )
    conversion.refresh_from_db()
    return bool(changed)


def resume_conversion(conversion: Conversion) -> bool:
    """Take a pause back; whoever waits goes on, a process that ended has to be started again."""
    with transaction.atomic():
        changed = Conversion.objects.filter(pk=conversion.pk, paused_at__isnull=False).update(
            paused_at=None, paused_by="", pause_reason=""
        )
    conversion.refresh_from_db()
    return bool(changed)
