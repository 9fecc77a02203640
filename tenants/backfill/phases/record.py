"""What a guard left standing, object by object: kept with the table, so that the doctor can tell what is missing."""

import json
from typing import Any

from django.db import transaction

from tenants.backfill.phases.protection import Deciding
from tenants.backfill.phases.relations import fetch_all
from tenants.models import ConversionTable

OBJECTS = """
select coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(o) order by o.relation, o.kind, o.name), '[]')::text
from private.guarded_objects(%s) o
"""


def record_guard(table: ConversionTable, deciding: Deciding) -> None:
    """Keep what stands now, and for which decisions."""
    _save(table, {"keep": sorted(deciding.keep), "cut": sorted(deciding.cut)})


def record_again(table: ConversionTable) -> None:
    """The same decisions, after something else changed; a table that is not guarded has nothing to keep."""
    if table.guarded:
        _save(table, table.guarded)


def _save(table: ConversionTable, decisions: dict[str, Any]) -> None:
    table.guarded = {**decisions, "objects": json.loads(fetch_all(OBJECTS, [table.oid])[0][0])}
    with transaction.atomic():
        table.save(update_fields=["guarded", "updated_at"])
