"""The private functions of the vault, asked with values that the server binds: Django writes them into the text."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from psycopg import Cursor

OPEN = "select version, key_version, master_key, wrapped from private.open_vault(%s, %s)"
ADD_KEY = "select private.add_vault_key(%s, %s, %s)"
STORE = "select private.store_integration_credential(%s, %s, %s, %s, %s, %s)"
GET = "select version, sealed, key_version, master_key, wrapped from private.get_integration_credential(%s, %s, %s)"
REVOKE = "select private.revoke_integration_credential(%s, %s)"


class WrappedKey(NamedTuple):
    """A data key as the database keeps it."""

    version: int
    master_id: str
    wrapped: bytes


class Opened(NamedTuple):
    """What is needed to seal the next credential of a connection."""

    version: int
    key: WrappedKey | None


class Kept(NamedTuple):
    """A sealed credential, and the key it was sealed with."""

    version: int
    sealed: bytes
    key: WrappedKey


def open_vault(org_id: UUID, connection_id: UUID) -> Opened | None:
    """Hold the connection until the transaction ends; None: it is not there."""
    rows = ask(OPEN, [org_id, connection_id])
    if not rows:
        return None
    version, key_version, master_id, wrapped = rows[0]
    return Opened(version, WrappedKey(key_version, master_id, wrapped) if key_version else None)


def add_first_key(org_id: UUID, master_id: str, wrapped: bytes) -> None:
    ask(ADD_KEY, [org_id, master_id, wrapped])


def store_sealed(
    org_id: UUID, connection_id: UUID, *, version: int, key_version: int, sealed: bytes, last_four: str
) -> None:
    ask(STORE, [org_id, connection_id, version, key_version, sealed, last_four])


def get_sealed(org_id: UUID, connection_id: UUID, purpose: str) -> Kept | None:
    """The log has it from now on, if this transaction is committed."""
    rows = ask(GET, [org_id, connection_id, purpose])
    if not rows:
        return None
    version, sealed, *key = rows[0]
    return Kept(version, sealed, WrappedKey(*key))


def revoke_sealed(org_id: UUID, connection_id: UUID) -> bool:
    return bool(ask(REVOKE, [org_id, connection_id])[0][0])


def ask(statement: str, values: list[Any]) -> list[Any]:
    """Run one statement on Django's connection and in its transaction."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
