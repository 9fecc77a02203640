"""What an adapter is: it reads one kind of source from where it was left; nothing of it is written by the adapter."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from tenants.metrics.events import NewEvent
from tenants.vault.secrets import Secret

BATCH = 500


class SyncFailed(Exception):
    """Why a job cannot go on, in a sentence for the people of the organization: no secrets, no paths of the server."""


@dataclass(frozen=True)
class Source:
    """A connection, as an adapter sees it."""

    org_id: UUID
    connection_id: UUID
    settings: dict[str, Any]
    credential: Secret | None = None


@dataclass(frozen=True)
class Batch:
    """Some events, and where to go on once they are kept."""

    events: list[NewEvent]
    cursor: dict[str, Any] = field(default_factory=dict)


class Adapter(Protocol):
    """Registered by the name that connections carry as their provider."""

    needs_credential: bool

    def read(self, source: Source, cursor: dict[str, Any]) -> Iterator[Batch]:
        """Batches from a cursor on, the empty one being the beginning; raises SyncFailed."""


def find_adapter(provider: str) -> Adapter:
    """The adapter of a provider, made anew."""
    known = read_adapters()
    if provider not in known:
        raise SyncFailed(
            f"Nothing here reads from {provider!r}; there are: {', '.join(sorted(known))}. An operator adds others by"
            " TENANTRY_SYNC_ADAPTERS."
        )
    made: Adapter = import_string(known[provider])()
    return made


def read_adapters() -> dict[str, str]:
    """Providers, and the classes that read from them."""
    return {"folder": "tenants.sync.folder.FolderAdapter", **settings.TENANTRY_SYNC_ADAPTERS}
