"""A test client whose requests begin as a web process begins: in the role `tenantry_api`, with no claims."""

from typing import Any

from django.db import connection, transaction
from django.test import Client

from postgres.roles import API


class WebClient(Client):
    """Django's test client; a view that forgets its scope gets nothing here, as it would in production."""

    def request(self, **request: Any) -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select current_setting('role')")
            before = cursor.fetchone()[0]
            cursor.execute("select set_config('role', %s, true)", [API])
            try:
                return super().request(**request)
            finally:
                if not connection.needs_rollback:
                    cursor.execute("select set_config('role', %s, true)", [before])

    def force_login(self, user: Any, backend: str | None = None) -> None:
        """Sessions are written by the owner here; a request could only write them in its service scope."""
        super().force_login(user, backend)
