"""Whether the rows that stand are the rows that were archived: a trigger may have changed them on their way in."""

from typing import Any
from uuid import UUID

from psycopg import sql

from config.org_archive.catalog import OrgTable
from config.org_archive.errors import ArchiveRefused
from config.org_archive.staging import source_of, stage

# Order does not matter, and any type has a text.
SUM = "select count(*), sum(hashtextextended(row({columns})::text, 0)::numeric) from {rows}"
TRIGGERS = """
select string_agg(t.tgname, ', ' order by t.tgname) from pg_catalog.pg_trigger t
join pg_catalog.pg_proc f on f.oid = t.tgfoid join pg_catalog.pg_namespace n on n.oid = f.pronamespace
where t.tgrelid = %s and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 4 > 0
"""


def compare_rows(cursor: Any, table: OrgTable, org_id: UUID) -> None:
    """Refuse when one value is not what the archive says."""
    archived = sql.SQL(SUM).format(
        columns=sql.SQL(", ").join(map(source_of, table.carried)), rows=sql.SQL("{} s").format(stage(table))
    )
    standing = sql.SQL(SUM).format(
        columns=sql.SQL(", ").join(sql.Identifier(c.name) for c in table.carried),
        rows=sql.SQL("{} where {}").format(table.identifier, table.of_org(org_id)),
    )
    cursor.execute(sql.SQL("{} union all {}").format(archived, standing))
    first, second = cursor.fetchall()
    if first != second:
        cursor.execute(TRIGGERS, [table.oid])
        raise ArchiveRefused(
            f"{table.label} does not hold what the archive holds after its rows were put in: a trigger changes them."
            f" There are: {cursor.fetchone()[0]}. Make it leave rows alone while current_setting('tenantry.restoring',"
            " true) is not empty, then try again."
        )
