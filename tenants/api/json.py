"""JSON in and out: what PostgreSQL could not hold never gets further than the parser."""

import json
import math
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

DEEPEST = 64


class BodyTooLarge(APIException):
    """More than the server reads."""

    status_code = 413
    default_code = "body-too-large"
    default_detail = "This body is larger than the server reads."


class StrictJSONParser(BaseParser):
    """JSON as its standard has it: no NaN, no NUL, no half characters, no bottomless nesting."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        # Few endpoints take more than the rest.
        most = getattr((parser_context or {}).get("view"), "most_bytes", None) or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise BodyTooLarge()
        return read_json(body)


def read_json(body: bytes) -> Any:
    """Read a body, or raise ParseError with a sentence."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse, parse_float=_read_float)
        refuse_unstorable(value)
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, Unstorable) else "it does not follow the standard"
        raise ParseError(f"This is not JSON that can be used: {said}.") from None
    return value


class Unstorable(ValueError):
    """JSON that the database could not hold."""


def refuse_unstorable(value: Any) -> None:
    """Walk without recursion: depth is what is being asked about."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise Unstorable(f"it is nested more than {DEEPEST} levels deep")
        level = [inner for outer in level for inner in _parts(outer)]


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list):
        yield from value
    elif isinstance(value, str) and ("\0" in value or not _is_text(value)):
        raise Unstorable("a text in it holds a NUL or half a character")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(name: str) -> NoReturn:
    raise Unstorable(f"{name} is no number")


def _read_float(written: str) -> float:
    value = float(written)
    if math.isinf(value):
        raise Unstorable("a number in it is too large")
    return value


def encode(value: Any) -> Any:
    """What the standard library does not write: ids, times, money."""
    match value:
        case UUID() | Decimal():
            return str(value)
        case datetime():
            # As PostgreSQL writes it, which leaves out zeros at the end.
            text = value.isoformat().replace("+00:00", "Z")
            return f"{text[:-1].rstrip('0')}Z" if "." in text and text.endswith("0Z") else text
        case date() | time():
            return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def write_json(value: Any) -> bytes:
    """Compact, and in the C encoder: the answer's time is spent elsewhere."""
    text = json.dumps(value, default=encode, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode(errors="replace")


class JSONRenderer(BaseRenderer):
    """Rows of `.values()` as they come, without a serializer in between."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else write_json(data)


class OnlyJSON(BaseContentNegotiation):
    """There is one form of answer, whatever the client would accept."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        # Without a Content-Type a body is taken for what everybody means; another type is answered 415.
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((p for p in parsers if sent in ("", p.media_type)), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
