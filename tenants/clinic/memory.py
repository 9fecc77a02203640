"""What the conversion remembers of tables that were there before, so that it can give them back."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection

from tenants.backfill.batches import forget_job

JOB = "tenants.0009_clinic_tables"


@dataclass
class Memory:
    """Statements that give each adopted table back, and the keys to DSOs that were replaced: (table, name, text)."""

    adopted: dict[str, list[str]] = field(default_factory=dict)
    keys: list[tuple[str, str, str]] = field(default_factory=list)


def recall() -> Memory:
    """What was remembered, or nothing."""
    with connection.cursor() as cursor:
        cursor.execute("select cursor::text from private.batch_jobs where job = %s", [JOB])
        row = cursor.fetchone()
    known: dict[str, Any] = json.loads(row[0]) if row else {}
    return Memory(known.get("adopted", {}), [(t, n, d) for t, n, d in known.get("keys", [])])


def remember(memory: Memory) -> None:
    """Keep it with the state of the batch jobs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into private.batch_jobs (job, cursor, batch_size, finished_at) values (%s, %s::jsonb, 1, now())"
            " on conflict (job) do update set cursor = excluded.cursor, updated_at = now()",
            [JOB, json.dumps(asdict(memory))],
        )


def forget() -> None:
    forget_job(JOB)
