"""Pages by key: a cursor names the row that the last page ended with, so that page 10,000 costs what the first does."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from tenants.api.fields import field_for
from tenants.api.filters import Query
from tenants.api.json import encode
from tenants.api.texts import fetch_texts

PAGE, MOST = 50, 200
LONGEST_CURSOR = 2000


@dataclass(frozen=True)
class Order:
    """A column, and the key for what is equal in it; both in one direction."""

    column: str
    descending: bool

    @property
    def name(self) -> str:
        return f"-{self.column}" if self.descending else self.column

    def keys(self, *, backwards: bool) -> list[str]:
        sign = "-" if self.descending != backwards else ""
        return [f"{sign}{c}" for c in dict.fromkeys((self.column, "id"))]

    def beyond(self, value: Any, key: Any, *, backwards: bool) -> Q:
        """What comes after the row, or before it; the first condition is the one that an index follows."""
        way = "lt" if self.descending != backwards else "gt"
        if self.column == "id":
            return Q((f"id__{way}", key))
        after = Q((f"{self.column}__{way}", value)) | Q((self.column, value), (f"id__{way}", key))
        return Q((f"{self.column}__{way}e", value)) & after


@dataclass(frozen=True)
class Cursor:
    """A row's place in an order, and which way from there."""

    order: str
    value: Any
    key: Any
    backwards: bool

    def write(self) -> str:
        text = json.dumps([self.order, self.value, self.key, self.backwards], default=encode)
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def page(request: Any, rows: QuerySet[Any, Any], query: Query, default: str = "-id") -> Response:
    """The page of `.values()` rows that the request asks for; one query, of one row more than is shown."""
    params = request.query_params
    order = read_order(params.get("ordering", default), query)
    size = read_size(params.get("page_size"))
    cursor = read_cursor(params["cursor"], order, rows.model) if "cursor" in params else None
    backwards = bool(cursor and cursor.backwards)
    if cursor:
        rows = rows.filter(order.beyond(cursor.value, cursor.key, backwards=backwards))
    found = fetch_texts(rows.order_by(*order.keys(backwards=backwards))[: size + 1])
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    return Response(
        {
            "next": _link(request, order, shown, backwards=False) if (more or backwards) else None,
            "previous": _link(request, order, shown, backwards=True) if (more if backwards else cursor) else None,
            "results": shown,
        }
    )


def _link(request: Any, order: Order, shown: list[Any], *, backwards: bool) -> str | None:
    if not shown:
        return None
    row = shown[0] if backwards else shown[-1]
    cursor = Cursor(order.name, row[order.column], row["id"], backwards)
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor.write()))


def read_order(written: str, query: Query) -> Order:
    column = written.removeprefix("-")
    if column not in query.orderings:
        allowed = ", ".join(query.orderings)
        raise serializers.ValidationError({"ordering": [f"Order by one of {allowed}, or by one of them with a minus."]})
    return Order(column, written.startswith("-"))


def read_size(written: str | None) -> int:
    if written is None:
        return PAGE
    if not (written.isascii() and written.isdigit() and len(written) < 10 and int(written)):
        raise serializers.ValidationError({"page_size": ["A page has at least one row."]})
    return min(int(written), MOST)


def read_cursor(written: str, order: Order, model: Any) -> Cursor:
    """A cursor holds nothing secret and lets nobody see more: it is not signed, but every part of it is checked."""
    try:
        text = base64.urlsafe_b64decode(written[:LONGEST_CURSOR].encode() + b"=" * (-len(written) % 4))
        name, value, key, backwards = json.loads(text)
        if name != order.name or not isinstance(backwards, bool):
            raise ValueError
        columns = [model._meta.get_field(c) for c in (order.column, "id")]
        value, key = (read_value(c, v) for c, v in zip(columns, (value, key), strict=True))
    except (ValueError, TypeError, RecursionError, serializers.ValidationError):
        wrong = "This cursor is not one of this list, or of another order of it."
        raise serializers.ValidationError({"cursor": [wrong]}) from None
    return Cursor(order.name, value, key, backwards)


def read_value(column: Any, value: Any) -> Any:
    """What cannot be such a value is refused here, not by the database; any text can, for rows come by SQL as well."""
    if not isinstance(column, models.CharField | models.TextField):
        return field_for(column, allow_null=False).run_validation(value)
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    # Half a character is no text of PostgreSQL's.
    value.encode()
    return value
