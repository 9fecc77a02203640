"""From options to the engine's settings."""

from collections.abc import Callable
from datetime import time
from typing import Any

from django.core.management import CommandError

from tenants.backfill.fill.settings import FillSettings, Limits


def make_settings(
    *,
    should_stop: Callable[[], bool],
    batch_ms: int,
    lock_ms: int,
    max_wal: int | None,
    max_lag: int | None,
    window: str,
    **others: Any,
) -> FillSettings:
    """What a fill is told."""
    return FillSettings(
        batch_ms=batch_ms,
        lock_ms=lock_ms,
        limits=Limits(
            wal_mb_per_second=max_wal,
            replica_lag_seconds=max_lag or Limits.replica_lag_seconds,
            window=read_window(window),
        ),
        should_stop=should_stop,
    )


def read_window(text: str) -> tuple[time, time] | None:
    """Read 22:00-06:00."""
    if not text:
        return None
    begin, _, end = text.partition("-")
    try:
        return time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
    except ValueError as error:
        raise CommandError(f"--window {text}: write it as 22:00-06:00") from error
