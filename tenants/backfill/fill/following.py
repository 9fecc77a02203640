"""Children whose parent has changed its organization since they were filled follow it, until their guard stands."""

from collections.abc import Iterator

from django.db import connection
from psycopg import sql

from tenants.backfill.changes import acting_as_login
from tenants.backfill.events import Event, Said
from tenants.backfill.fill.relations import read_relations
from tenants.backfill.fill.rounds import may_drift
from tenants.backfill.fill.run import sweep_table
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.phases.reaching import choose_tables
from tenants.models import Conversion, ConversionTable, Phase

# Worked out once per row: as a condition the derivation would be asked twice.
DRIFTED = """
select exists (select from (select t.org_id, {derivation} as new_org from {table} as t offset 0) row
    where row.new_org is distinct from row.org_id and row.new_org is not null and row.org_id is not null)
"""


def follow_parents(conversion: Conversion, settings: FillSettings, *, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """Sweep the filled tables whose rows are not where their parents are by now; parents before children."""
    for table in choose_tables(conversion, only):
        if table.phase in (Phase.FILL, Phase.CONSTRAIN) and has_drifted(table, settings):
            yield Said(table.name, "follows its parent, whose rows have changed their organization since")
            yield from sweep_table(table, settings)


def has_drifted(table: ConversionTable, settings: FillSettings) -> bool:
    """Whether a row is in another organization than its parent."""
    if not may_drift(table):
        return False
    with connection.cursor() as db:
        relations = read_relations(db, table.oid)
    derivation = settings.derive(table, "t")
    with acting_as_login(), connection.cursor() as db:
        for relation in relations:
            statement = sql.SQL(DRIFTED).format(derivation=derivation, table=relation.sql)
            db.execute(statement.as_string(None), None)
            if (db.fetchone() or [False])[0]:
                return True
    return False
