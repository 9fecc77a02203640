"""What happened and changed no row: told to the log through the database's own door."""

import json
from typing import Any
from uuid import UUID

from postgres.names import fill

EVENT = "select {schema}.log_event(%s, %s, %s, %s, %s::jsonb)"


def log_event(
    cursor: Any, action: str, *, table: str, record: object = "", org_id: UUID | str | None = None, **details: object
) -> None:
    """One entry, about a table or a row of it; who, why and through what are known to the transaction."""
    told = json.dumps(details, default=str)
    cursor.execute(fill(EVENT), [action, org_id, table, str(record), told])
