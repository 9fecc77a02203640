"""Which columns never enter the log: decided from their names, and said aloud."""

import re

from tenants.backfill.phases.relations import Relation, fetch_all

COLUMNS = """
select attname, atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype, 'float4'::regtype,
    'float8'::regtype, 'bool'::regtype, 'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
from pg_catalog.pg_attribute where attrelid = %s and attnum > 0 and not attisdropped order by attnum
"""
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
SECRET = re.compile(
    r"passw|passphrase|(^|_)pwd|secret|token|credential|(api|private|access|encryption|session|signing|auth|master)_?key"
    r"|(^|_)(salt|hash|digest|signature)($|_)"
)
# Short numbers can be secrets too; other numbers (tokens_used) and times (password_changed_at) are not.
SHORT = re.compile(r"(^|_)(otp|totp|pin|cvv|cvc|ssn|card_number|iban)($|_)")


def is_secret(column: str, *, number: bool) -> bool:
    """Whether a column looks like one that holds a secret."""
    name = HUMP.sub("_", column).lower().replace("-", "_").replace(" ", "_")
    return bool(SHORT.search(name)) or (not number and bool(SECRET.search(name)))


def find_secrets(relation: Relation) -> tuple[str, ...]:
    """The columns of a table whose values the log replaces."""
    return tuple(name for name, number in fetch_all(COLUMNS, [relation.oid]) if is_secret(name, number=number))
