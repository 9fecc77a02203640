"""Rows as JSON wants them: ids, times and money stay the text that PostgreSQL sent; no object is made on the way."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from tenants.api.json import encode


class TextLoader(Loader):
    """As it came."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


class TimeLoader(Loader):
    """PostgreSQL's form of a time, in the one that `encode` writes."""

    def load(self, data: Buffer) -> str:
        text = bytes(data).decode()
        if text.endswith("+00"):
            return f"{text[:10]}T{text[11:-3]}Z"
        # Another time zone, or a time that is none: infinity.
        try:
            return str(encode(datetime.fromisoformat(text).astimezone(UTC)))
        except ValueError:
            return text


class JsonLoader(Loader):
    """A document, read once."""

    def load(self, data: Buffer) -> Any:
        return json.loads(bytes(data))


LOADERS = {
    "uuid": TextLoader,
    "numeric": TextLoader,
    "date": TextLoader,
    "timestamptz": TimeLoader,
    "jsonb": JsonLoader,
}


def fetch_texts(rows: QuerySet[Any, Any]) -> list[dict[str, Any]]:
    """The rows of a `.values()` queryset: twice as quick as through the ORM's converters, for pages of fifty."""
    statement, params = rows.query.sql_with_params()
    names = list(rows.query.selected or ())
    with connection.cursor() as cursor:
        for kind, loader in LOADERS.items():
            cursor.cursor.adapters.register_loader(kind, loader)
        cursor.execute(statement, params)
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
