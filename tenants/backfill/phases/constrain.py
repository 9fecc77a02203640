"""`constrain`: from here on no row is without organization: the index, the checked foreign key, NOT NULL."""

from collections.abc import Iterator

from tenants.backfill.events import Event
from tenants.backfill.plan.model import Plan
from tenants.models import Conversion


def run_constrain(conversion: Conversion, plan: Plan, *, lock_ms: int, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """Constrain the tables whose fill is done; raises PhaseRefused while a row has no organization."""
    raise NotImplementedError
