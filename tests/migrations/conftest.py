"""Databases that stand before the conversion of the clinic tables."""

import pytest

from tests.clinic import copy_of, make_old_rows, make_template
from tests.databases import drop_database


@pytest.fixture(scope="session")
def bare(django_db_setup):
    """A database before the clinic migrations, without clinic tables."""
    name = make_template("bare")
    yield name
    drop_database(name)


@pytest.fixture(scope="session")
def old(bare):
    """The same with rows in the old form."""
    with copy_of(bare, "old") as name:
        make_old_rows(name)
        yield name


@pytest.fixture
def database(old, request):
    with copy_of(old, f"t{abs(hash(request.node.name)) % 10**6}") as name:
        yield name
