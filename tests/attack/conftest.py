"""Real web logins, and two organizations with a row of each in every table."""

import pytest

from tests.worlds import tables, web_url, worlds

__all__ = ["tables", "web_url", "worlds"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Last of all: their rows are committed, and emptying the database afterwards takes migrations' rows along."""
    items.sort(key=lambda item: "worlds" in getattr(item, "fixturenames", ()))
