"""The review's SQL: files that begin with their purpose, run with named parameters."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

PLAN = "select set_config('enable_nestloop', %(on)s, true), set_config('enable_mergejoin', %(on)s, true)"
FOLDER = Path(__file__).parent / "sql"


@cache
def read_sql(path: Path) -> str:
    """A statement without the comment that says what it is for."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def statement(name: str, **parts: str) -> str:
    """The statement of this name; parts are other statements of ours, put in for `{part}`."""
    text = read_sql(FOLDER / f"{name}.sql")
    for part, filling in parts.items():
        text = text.replace(f"{{{part}}}", filling)
    return text


def run(text: str, values: dict[str, Any]) -> int:
    """Run it and tell how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return int(cursor.rowcount)


@contextmanager
def joining_sets() -> Iterator[None]:
    """By hashes alone: the planner takes a policy's range for a few rows, and would compare each with each."""
    with connection.cursor() as cursor:
        cursor.execute(PLAN, {"on": "off"})
        yield
        cursor.execute(PLAN, {"on": "on"})


def fetch(text: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run it and take what it answers."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall())
