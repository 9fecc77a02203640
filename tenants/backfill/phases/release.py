"""`release`."""

from collections.abc import Iterator

from tenants.backfill.events import Event
from tenants.backfill.plan.model import Plan
from tenants.models import Conversion


def run_release(conversion: Conversion, plan: Plan, *, lock_ms: int, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """Raises PhaseRefused with all reasons."""
    raise NotImplementedError
