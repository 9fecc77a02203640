"""What a fill is told by whoever starts it: its times, its limits, and how rows find their organization."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time
from typing import TypeAlias

from psycopg import sql

from tenants.models import ConversionTable

# Writes the organization of a row, given the alias that the row has in the statement; null is no decision.
Derive: TypeAlias = Callable[[ConversionTable, str], sql.Composable]


@dataclass(frozen=True)
class Limits:
    """When a fill stands aside. None sets no limit."""

    wal_mb_per_second: float | None = None
    replica_lag_seconds: float | None = 30
    window: tuple[time, time] | None = None
    """From and until, in the server's time zone; may pass midnight."""
    longest_hold: float = 60
    """Seconds to wait for a foreign lock, vacuum or snapshot before going on beside it."""


@dataclass(frozen=True)
class FillSettings:
    """How to fill, the same for every process of a conversion."""

    derive: Derive
    batch_ms: int = 50
    lock_ms: int = 20
    lease_seconds: float = 30
    limits: Limits = field(default_factory=Limits)
    should_stop: Callable[[], bool] = lambda: False
    """Asked between batches: true after SIGTERM or Ctrl-C."""
