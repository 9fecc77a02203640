"""Sequences behind restored keys: a row that is written next must not meet one that came back."""

from collections.abc import Iterable
from typing import Any

from psycopg import sql

from config.org_archive.catalog import OrgTable

SEQUENCES = """
select s.oid::regclass::text, a.attname from pg_catalog.pg_depend d
join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where d.refobjid = %s and d.deptype in ('a', 'i')
"""
# nextval first: whoever takes a number meanwhile gets a higher one than we compare with.
MOVE = "select setval({sequence}, greatest(nextval({sequence}), (select coalesce(max({column}), 1) from {table})))"


def move_sequences(cursor: Any, tables: Iterable[OrgTable]) -> None:
    """Move each sequence of these tables behind the highest key; never back."""
    for table in tables:
        cursor.execute(SEQUENCES, [table.oid])
        for sequence, column in cursor.fetchall():
            names = {"sequence": sql.Literal(sequence), "column": sql.Identifier(column), "table": table.identifier}
            cursor.execute(sql.SQL(MOVE).format(**names))
