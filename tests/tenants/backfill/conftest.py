"""A table of numbers, a stranger who holds locks, and a job that soon loses patience."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from tenants.backfill import batches
from tenants.backfill.batches import forget_job
from tenants.backfill.retry import Patience
from tests.tenants.backfill.counting import JOB, ROWS, execute
from tests.tenants.backfill.legacy import Legacy, legacy_database


@pytest.fixture
def numbers(transactional_db: None) -> Iterator[None]:
    execute("create table batch_numbers (id bigint primary key, done integer not null default 0)")
    execute("insert into batch_numbers (id) select generate_series(1, %s)", [ROWS])
    yield
    execute("drop table batch_numbers")
    forget_job(JOB)


@pytest.fixture
def stranger(transactional_db: None) -> Iterator[CursorWrapper]:
    """Another session, in a transaction that the test ends."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as db:
        yield db
    other.rollback()
    other.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PATIENCE", Patience(attempts=4, first_pause=0.001))


@pytest.fixture
def legacy(transactional_db: None) -> Iterator[Legacy]:
    with legacy_database() as made:
        yield made
