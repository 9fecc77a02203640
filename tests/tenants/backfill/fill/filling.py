"""Takes the small old database through its fill, in this process or in others."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from django.db import connection

from tenants.backfill.events import Event
from tenants.backfill.fill.run import fill_tables
from tenants.backfill.fill.settings import FillSettings, Limits
from tenants.models import Conversion, ConversionTable
from tests.tenants.backfill.converting import make_plan, rows, take_to_column
from tests.tenants.backfill.legacy import Legacy, make_people

START = "import django; django.setup(); from tests.tenants.backfill.fill.fill_worker import main; main()"
NOTES = {"notes": "user:owner_id"}


def make_settings(**changes: Any) -> FillSettings:
    """Quick ones, with the engine's own derivation."""
    values: dict[str, Any] = {"batch_ms": 20, "lock_ms": 50, "lease_seconds": 5.0, "limits": Limits(longest_hold=0.0)}
    return FillSettings(**{**values, **changes})


def fill(conversion: Conversion, **changes: Any) -> list[Event]:
    """Lead a fill to its end, alone."""
    return list(fill_tables(conversion, make_settings(**changes)))


def begin_notes(legacy: Legacy, count: int, *, wide: int = 0, **choices: str) -> Conversion:
    """Notes of two people of two organizations, and a conversion of theirs that has its columns."""
    people = make_people(2)
    ids = legacy.add_people(*people)
    legacy.run(
        "insert into {s}.notes (owner_id, body) select (%s::bigint[])[1 + g %% 2], repeat('x', %s + g %% 40)"
        " from generate_series(1, %s) g",
        [ids, wide, count],
    )
    legacy.run("vacuum analyze {s}.notes")
    return take_to_column(make_plan(legacy, NOTES, **choices))


def table_of(conversion: Conversion, name: str) -> ConversionTable:
    return next(t for t in conversion.tables.all() if t.name.endswith(f".{name}"))


def count_wrong(legacy: Legacy, table: str = "notes", column: str = "owner_id") -> int:
    """Rows that have not the organization of their person, by another way than the engine's."""
    found: int = legacy.run(
        f"select count(*) from {{s}}.{table} n left join {{s}}.people o on o.id = n.{column}"
        " left join users u on u.email = lower(trim(o.email))"
        " left join org_members g on g.user_id = u.id where n.org_id is distinct from g.org_id"
    )[0][0]
    return found


def start_worker(conversion: Conversion, *, lead: bool, **changes: Any) -> subprocess.Popen[str]:
    """A process that leads or joins; a line per batch, and one at the end."""
    place = {key: connection.settings_dict[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    return subprocess.Popen(
        [sys.executable, "-c", START, str(conversion.number), str(int(lead))],
        env={
            **os.environ,
            "FILL_WORKER_DATABASE": json.dumps(place),
            "FILL_WORKER_SETTINGS": json.dumps(changes),
            "PYTHONPATH": ":".join(sys.path),
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def read_lines(worker: subprocess.Popen[str], count: int) -> list[str]:
    assert worker.stdout
    return [worker.stdout.readline() for _ in range(count)]


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Until something another process does has happened."""
    for _ in range(1500):
        if holds():
            return
        rows("select pg_sleep(0.01)")
    raise AssertionError(f"never: {what}")
