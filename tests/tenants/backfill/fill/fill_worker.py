"""A process that fills on a test's database, for tests that kill one, stop one or start two."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator

from django.db import connection

from tenants.backfill.coordinator import coordinate
from tenants.backfill.events import Batch, Event
from tenants.backfill.fill.run import fill_tables, work_shares
from tenants.models import Conversion
from tests.tenants.backfill.fill.filling import make_settings


def main() -> None:
    """Fill, and write a line per event."""
    connection.settings_dict.update(json.loads(os.environ["FILL_WORKER_DATABASE"]))
    number, lead = int(sys.argv[1]), sys.argv[2] == "1"
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
    changes = json.loads(os.environ["FILL_WORKER_SETTINGS"])
    pause = changes.pop("pause", 0.0)
    settings = make_settings(should_stop=lambda: bool(asked), **changes)
    conversion = Conversion.objects.get(number=number)
    if lead:
        with coordinate(conversion):
            show(fill_tables(conversion, settings), pause)
    else:
        show(work_shares(conversion, settings), pause)
    sys.stdout.write("ended\n")


def show(events: Iterator[Event], pause: float) -> None:
    for event in events:
        sys.stdout.write(f"{event}\n")
        sys.stdout.flush()
        if isinstance(event, Batch):
            time.sleep(pause)
