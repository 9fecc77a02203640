"""Two organizations with a row in every table, committed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tenants.models import Customer, Revenue
from tests.worlds import Side, make_side

PRIVATE = ("trusted_logins", "batch_jobs", "attempts", "idempotent_requests")


def clean_private() -> None:
    """What no flush empties: whatever has failed before must not stop the next test."""
    with connection.cursor() as cursor:
        for table in PRIVATE:
            cursor.execute(f"delete from private.{table}")


@pytest.fixture
def sides(transactional_db: Any) -> Iterator[tuple[Side, Side]]:
    clean_private()
    ours, theirs = make_side(), make_side()
    for side in (ours, theirs):
        customer = Customer.objects.get(org=side.org)
        Revenue.objects.create(org=side.org, customer=customer, amount="12.50", date="2026-02-03")
        Customer.objects.create(org=side.org, name="Zażółć\t\\N\n'“x”'", deleted_at="2026-02-03 04:05:06+00")
    yield ours, theirs
    clean_private()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "org.zip"
