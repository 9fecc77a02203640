"""Sessions are rows of nobody's organization: while somebody works in the console they are reached as a service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.sessions.backends import db

from tenants.scope import current_scope, service_scope


@contextmanager
def _as_service() -> Iterator[None]:
    scope = current_scope()
    if scope is None or scope.surface != "console":
        yield
        return
    with service_scope("session"):
        yield


class SessionStore(db.SessionStore):
    """Django's, for views that end, begin or renew a session in the middle of the person's scope."""

    def load(self) -> dict[str, Any]:
        with _as_service():
            return super().load()

    def exists(self, session_key: str) -> bool:
        with _as_service():
            return super().exists(session_key)

    def save(self, must_create: bool = False) -> None:
        with _as_service():
            super().save(must_create)

    def delete(self, session_key: str | None = None) -> None:
        with _as_service():
            super().delete(session_key)
