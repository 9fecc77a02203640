"""The API's description at /api/schema/, the page that shows it at /api/docs/, and the copy in docs/."""

import json
from functools import cache
from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from config.embedded.places import REPOSITORY

API_PAGE = REPOSITORY / "docs" / "openapi.yaml"
# Their library has no types.
GENERATOR: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
VALIDATE: Any = validate_schema
HEAD = "# Generated from the endpoints: `manage.py reference --write` writes it anew.\n"
CONTENT_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self';"
    " form-action 'self'; frame-ancestors 'none'"
)


@cache
def describe_api() -> dict[str, Any]:
    """The description, whoever asks: it is made of the program alone."""
    described: dict[str, Any] = json.loads(json.dumps(GENERATOR.get_schema(request=None, public=True)))
    return described


def validated_api() -> dict[str, Any]:
    """The same, held against the standard."""
    VALIDATE(describe_api())
    return describe_api()


def render_schema() -> str:
    """As docs/openapi.yaml has it."""
    return HEAD + yaml.safe_dump(describe_api(), sort_keys=False, allow_unicode=True, width=120)


@cache
def schema_bytes() -> bytes:
    return json.dumps(describe_api(), ensure_ascii=False).encode()


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, as JSON."""
    response = HttpResponse(schema_bytes(), content_type="application/json")
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The description to read and to try; nothing in it comes from another host."""
    response = render(request, "api/docs.html")
    response["Content-Security-Policy"] = CONTENT_POLICY
    return response
