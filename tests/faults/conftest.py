"""Fixtures of the fault tests: each has a database of its own, copied from one that is migrated once."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.databases import drop_database
from tests.faults.ground import Ground, make_template, new_ground
from tests.faults.private_server import PrivateServer, django_on_server, private_server

MakeGround = Callable[[str], Ground]


@pytest.fixture(scope="session")
def template(django_db_setup: Any, django_db_blocker: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """With --reuse-db it stays, as the suite's own does."""
    keep = request.config.getvalue("reuse_db")
    suite, worker = connection.settings_dict["NAME"].removeprefix("test_"), os.environ.get("PYTEST_XDIST_WORKER", "")
    name = f"test_{suite}_faults{worker}"
    with django_db_blocker.unblock():
        make_template(name, keep=keep)
        yield name
        if not keep:
            drop_database(name)


@pytest.fixture(scope="module")
def grounds(template: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeGround]:
    """Makes databases that live as long as the module's tests."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        yield lambda name: stack.enter_context(new_ground(template, name, tmp_path_factory.mktemp(name)))


@pytest.fixture
def ground(template: str, django_db_blocker: Any, tmp_path: Path) -> Iterator[Ground]:
    with django_db_blocker.unblock(), new_ground(template, "one", tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrivateServer]:
    """One that a module's tests may kill; Django's connection stands on it meanwhile."""
    folder = tmp_path_factory.mktemp("server")
    with django_db_blocker.unblock(), private_server() as server, django_on_server(server, folder):
        yield server
