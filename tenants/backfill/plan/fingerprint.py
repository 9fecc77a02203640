"""What a plan's decisions rest on, as a short text: it changes when they may have to be taken anew."""

import hashlib
import json
from typing import Any

from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.plan.routes import ORG_COLUMN, parent_pairs


def fingerprint_schema(catalog: Catalog) -> str:
    """Digest tables, columns, keys and foreign keys of the named schemas.

    What a conversion itself adds (org_id, and keys that contain it) is left out: a plan must not expire by being run.
    So are partitions, which come and go, and rows, rights, triggers and indexes, which decide no route.
    """
    facts = {str(table.name): _facts(table) for table in catalog.named()}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return f"sha256:{digest[:32]}"


def _facts(table: Table) -> dict[str, Any]:
    return {
        "kind": [table.kind, table.persistence, table.inherits],
        "columns": sorted([c.name, c.type, c.not_null] for c in table.columns if c.name != ORG_COLUMN),
        "keys": sorted({tuple(sorted(key.columns)) for key in table.keys if ORG_COLUMN not in key.columns}),
        "foreign_keys": sorted(
            {
                (str(key.to), tuple(sorted(parent_pairs(key))))
                for key in table.foreign_keys
                if key.columns != (ORG_COLUMN,)
            }
        ),
    }
