"""System checks that ask the database: `manage.py migrate` runs them, and `manage.py check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections

from config.embedded.places import SERVERS, find_place
from postgres.versions import find_fault

EMBEDDED = "The embedded server listens on a private socket only; keep anything that matters on a server of your own."
UPDATE = "Update the server: a minor update keeps the data as it is, install it and restart."


@register(Tags.database)
def check_server_version(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn about a server that is known to be older than its newest security release."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        connection.ensure_connection()
        fault = find_fault(connection.connection.info.server_version)
        if fault:
            found.append(Warning(fault, hint=choose_hint(connection.settings_dict), id="config.W001"))
    return found


def choose_hint(database: dict[str, Any]) -> str:
    host = str(database["OPTIONS"].get("host") or database["HOST"])
    return EMBEDDED if is_embedded(host) else UPDATE


def is_embedded(host: str) -> bool:
    return any(host == str(find_place(name).sockets) for name in SERVERS)
