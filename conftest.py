"""Fixtures of the whole suite."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from tenants.api.throttles import COUNTER
from tenants.models import Organization
from tests.clients import WebClient
from tests.factories import make_org, owner_of


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "torture: takes minutes; make torture runs it (TENANTRY_TORTURE=1)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Torture is left out, and not skipped: a skip says that something is missing."""
    if os.environ.get("TENANTRY_TORTURE"):
        return
    left = [item for item in items if item.get_closest_marker("torture")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture(autouse=True)
def fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def forget_attempts(request: Any) -> Iterator[None]:
    """What was counted under the address that all tests come from: flush leaves tables alone that no model has."""
    marker = request.node.get_closest_marker("django_db")
    committed = bool(marker and marker.kwargs.get("transaction"))
    COUNTER.clear()
    if committed:
        request.getfixturevalue("transactional_db")
    yield
    if committed:
        with connection.cursor() as cursor:
            cursor.execute("delete from private.attempts")


@pytest.fixture
def org(db: Any) -> Organization:
    """One organization …"""
    return make_org()


@pytest.fixture
def other_org(db: Any) -> Organization:
    """… and the one whose rows nobody of the first may reach."""
    return make_org()


@pytest.fixture
def owner(org: Organization) -> User:
    return owner_of(org)


@pytest.fixture
def stranger(other_org: Organization) -> User:
    """The owner of the other organization."""
    return owner_of(other_org)


@pytest.fixture
def web() -> WebClient:
    return WebClient()
