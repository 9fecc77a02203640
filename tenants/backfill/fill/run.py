"""Filling the tables of a conversion: the process that leads, and those that join it."""

from collections.abc import Iterator

from tenants.backfill.events import Event
from tenants.backfill.fill.settings import FillSettings
from tenants.models import Conversion


def fill_tables(conversion: Conversion, settings: FillSettings, *, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """Lead: start tables whose parents are done, fill beside those who joined, sweep, and finish each table."""
    raise NotImplementedError


def work_shares(conversion: Conversion, settings: FillSettings) -> Iterator[Event]:
    """Join: fill shares for as long as somebody leads."""
    raise NotImplementedError
