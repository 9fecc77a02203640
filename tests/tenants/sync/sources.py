"""Folders with files for connections, and runs of `run_sync`."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Q

from tenants.models import IntegrationConnection, MetricDefinition, MetricEvent, Organization
from tenants.sync.jobs import request_due
from tenants.sync.run import Ended, run_next

START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=20)
EVERYTHING = Q()


def make_source(org: Organization, root: Path, folder: str = "shop", **settings: Any) -> IntegrationConnection:
    """A connection that reads from a folder of the organization."""
    MetricDefinition.objects.get_or_create(key="visits", defaults={"display_name": "Visits"})
    (root / str(org.pk) / folder).mkdir(parents=True, exist_ok=True)
    settings = {"folder": folder, **settings}
    return IntegrationConnection.objects.create(org=org, provider="folder", name=folder or "all", settings=settings)


def place_of(connection: IntegrationConnection, root: Path, name: str) -> Path:
    return root / str(connection.org_id) / str(connection.settings["folder"]) / name


def lines(first: int, count: int, **more: Any) -> str:
    """Events, one a minute, each with its number as its value."""
    rows = [
        {"metric_key": "visits", "recorded_at": (START + timedelta(minutes=n)).isoformat(), "value": n, **more}
        for n in range(first, first + count)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def table(first: int, count: int) -> str:
    """The same as CSV, with a dimension."""
    rows = (f"visits,{(START + timedelta(minutes=n)).isoformat()},{n}.5,door\n" for n in range(first, first + count))
    return "metric_key,recorded_at,value,via\n" + "".join(rows)


def sign(path: Path, credential: str) -> None:
    seal = hmac.new(credential.encode(), path.read_bytes(), hashlib.sha256).hexdigest()
    path.with_name(f"{path.name}.hmac").write_text(seal + "\n")


def sync() -> list[Ended]:
    """Ask for everything, and do it."""
    request_due(EVERYTHING, every=None)
    ended = []
    while one := run_next(EVERYTHING):
        ended.append(one)
    return ended


def outcome(ended: list[Ended]) -> list[tuple[str, int, int]]:
    """How jobs ended, what they read, and how much of it was new."""
    return [(e.status, e.job.events_read, e.job.events_added) for e in ended]


def values(org: Organization) -> list[int]:
    """What came, in order."""
    return sorted(int(v) for v in MetricEvent.objects.filter(org=org).values_list("value", flat=True))
