"""Keys: time-ordered UUIDs, and a primary key of several columns of which Django sees only `id`."""

import secrets
import time
import uuid
from typing import Any

from django.db import models


def new_id() -> uuid.UUID:
    """A version 7 UUID: 48 bits of milliseconds, then random; Python has none before 3.14."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return uuid.UUID(int=value)


class NewId(models.Func):
    """The database default of every key: our SQL function, so that rows made by psql get a key as well."""

    function = "new_id"
    output_field = models.UUIDField()


class IdField(models.UUIDField):  # type: ignore[type-arg]
    """A time-ordered UUID key made by the application, or by the database where the application is absent."""

    # The value is always known before the INSERT; RETURNING it would need the right to read the new row.
    db_returning = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("primary_key", True)
        kwargs.setdefault("default", new_id)
        kwargs.setdefault("db_default", NewId())
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


class CompositeKey(IdField):
    """A key that is (lead, …, id) in the database and `id` to Django; it may partition the table by a time."""

    def __init__(self, *args: Any, columns: tuple[str, ...], partition_by: str | None = None, **kwargs: Any) -> None:
        self.columns = tuple(columns)
        self.partition_by = partition_by
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["columns"] = self.columns
        if self.partition_by:
            kwargs["partition_by"] = self.partition_by
        return name, path, args, kwargs
