"""Counting what speaks against a claim, and naming the first few rows."""

import json
from typing import Any

from django.db import connection
from psycopg import sql

from tenants.backfill.verify.results import Result
from tenants.backfill.verify.subject import Subject

EXAMPLES = 5


def count_faults(
    subject: Subject,
    check: str,
    source: sql.Composable,
    condition: sql.Composable,
    sentence: str,
    remedy: str = "",
    *,
    warning: bool = False,
) -> Result:
    """Count rows of `source`, where the table is `t`; the first `{}` of the sentence takes the number."""
    rest = {"source": source, "condition": condition, "key": subject.row_key("t"), "examples": sql.Literal(EXAMPLES)}
    counted = sql.SQL("select count(*) from {source} where {condition}").format(**rest)
    faults = int(ask(counted)[0][0])
    examples: list[Any] = []
    if faults:
        examples = ask(sql.SQL("select {key} from {source} where {condition} limit {examples}").format(**rest))
    return Result(
        str(subject.name),
        check,
        faults,
        sentence.replace("{}", f"{faults:,}", 1),
        tuple(map(describe_key, (row[0] for row in examples))),
        remedy if faults else "",
        warning,
    )


def ask(statement: sql.Composable, parameters: Any = None) -> list[Any]:
    """Run a query and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(None), parameters)
        return list(cursor.fetchall())


def describe_key(key: Any) -> str:
    """A row's key as a reader writes it: id=5."""
    values = json.loads(key) if isinstance(key, str) else key
    return ", ".join(f"{column}={value}" for column, value in values.items())


def as_t(subject: Subject) -> sql.Composed:
    """The table under the alias `t`."""
    return sql.SQL("{} t").format(subject.name.sql)
