"""People of two organizations, each with a client of the API."""

from typing import Any

import pytest

from tests.api.clients import ApiClient, client_for
from tests.factories import make_member


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    """Nobody is throttled but in the tests of throttling."""
    settings.TENANTRY_REQUESTS_PER_MINUTE = {"person": 0, "org": 0, "address": 0}


@pytest.fixture
def as_owner(org, owner) -> ApiClient:
    return client_for(owner, org)


@pytest.fixture
def as_admin(org) -> ApiClient:
    return client_for(make_member(org, "admin").user, org)


@pytest.fixture
def as_member(org) -> ApiClient:
    return client_for(make_member(org).user, org)


@pytest.fixture
def as_stranger(other_org, stranger) -> ApiClient:
    return client_for(stranger, other_org)


@pytest.fixture
def nobody() -> ApiClient:
    return ApiClient()
