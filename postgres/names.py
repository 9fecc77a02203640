"""Names of database objects."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from psycopg import sql

LONGEST = 63
# Function bodies and triggers' arguments hold the schema's name, where these would end a text or begin a placeholder.
UNUSABLE = re.compile(r"""['"\\$%{}\x00-\x1f]""")
TAKEN = re.compile(r"pg_.*|information_schema|private|tenantry_doctor.*")
PLAIN = re.compile(r"(?!(?i:null)$)\w+")
_stand_in: ContextVar[str] = ContextVar("stand_in", default="")


def bound_name(name: str, longest: int = LONGEST) -> str:
    """Cut a name that PostgreSQL would truncate, ending it in 8 hex digits of the full name's md5."""
    if len(name.encode()) <= longest:
        return name
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:8]
    head = name.encode()[: longest - 9].decode(errors="ignore")
    return f"{head}_{digest}"


def quote(name: str) -> str:
    """A quoted identifier."""
    return sql.Identifier(name).as_string(None)


def literal(value: object) -> str:
    """A quoted literal."""
    return sql.Literal(value).as_string(None)


def find_schema_fault(name: str) -> str:
    """Why our tables cannot stand in a schema of this name, in words; empty when they can."""
    if not name or len(name.encode()) > LONGEST:
        return f"a schema's name has 1 to {LONGEST} bytes."
    if found := UNUSABLE.search(name):
        return f"it contains {found[0]!r}; letters, digits, underscores and spaces are safe."
    if TAKEN.fullmatch(name):
        return "PostgreSQL or Tenantry itself uses this name: choose another, such as tenantry."
    return ""


def array_literal(names: Iterable[str]) -> str:
    """The text of a text[]: names in double quotes where they are more than plain words."""
    return "{" + ",".join(n if PLAIN.fullmatch(n) else _quote_item(n) for n in names) + "}"


def _quote_item(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def app_schema() -> str:
    """The schema our tables stand in, quoted."""
    return quote(_stand_in.get() or settings.TENANTRY_SCHEMA)


@contextmanager
def stand_in(schema: str) -> Iterator[None]:
    """Let another schema stand for ours: the same statements then build the same objects there."""
    token = _stand_in.set(schema)
    try:
        yield
    finally:
        _stand_in.reset(token)


def fill(template: str) -> str:
    """Put our schema in the place of `{schema}`; other braces (JSON, regexes) are left alone."""
    return template.replace("{schema}", app_schema())
