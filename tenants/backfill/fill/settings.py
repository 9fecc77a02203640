"""What a fill is told by whoever starts it: its times and its limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time


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

    batch_ms: int = 50
    lock_ms: int = 20
    lease_seconds: float = 30
    limits: Limits = field(default_factory=Limits)
    should_stop: Callable[[], bool] = lambda: False
    """Asked between batches: true after SIGTERM or Ctrl-C."""
