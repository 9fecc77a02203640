"""Addresses of the middle floor, generated: which methods there are follows from what the access rule lets through."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.urls import URLPattern, path, register_converter

from tenants.access import ACCESS
from tenants.api.generated import VIEWS
from tenants.api.org_rows import OrgRows

HEX = "[0-9a-fA-F]"


class KeyConverter:
    """An id in an address, in the one form that ids have; whatever else stands there is nowhere."""

    regex = f"{HEX}{{8}}-(?:{HEX}{{4}}-){{3}}{HEX}{{12}}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: Any) -> str:
        return str(value)


register_converter(KeyConverter, "key")


def route(address: str, view: Any, name: str, **actions: str) -> URLPattern:
    """One address; a method that it does not name is answered 405."""
    found: URLPattern = path(address, view.as_view(actions), name=f"api-{name}")
    return found


def table_routes(address: str, name: str, view: type[OrgRows]) -> Iterator[URLPattern]:
    """The addresses of one table's rows."""
    rule = ACCESS[view.model.access]
    on_all = {"get": "list", **({"post": "create"} if rule.insert else {})}
    on_one = {"get": "retrieve"}
    if rule.update:
        on_one["patch"] = "partial_update"
    if rule.delete:
        on_one["delete"] = "destroy"
    yield route(address, view, name, **on_all)
    yield route(f"{address}<key:row_id>/", view, f"{name}-row", **on_one)
    if view.model.soft_delete and rule.insert and name != "doctors":
        # Doctors come back with their DSO.
        yield route(f"{address}<key:row_id>/restore/", view, f"{name}-restore", post="restore")


def generated_routes() -> Iterator[URLPattern]:
    """All tables that are alike."""
    for name, view in VIEWS.items():
        yield from table_routes(f"{name}/", name, view)
    yield route("ai-usage/summary/", VIEWS["ai-usage"], "ai-usage-summary", get="summary")
