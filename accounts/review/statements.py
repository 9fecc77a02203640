"""The review's SQL: files that begin with their purpose, run with named parameters."""

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

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


def fetch(text: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run it and take what it answers."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall())
