"""Two organizations with a row in every table, committed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tenants.models import Customer, Revenue
from tests.config.org_archive.moving import clean_private
from tests.worlds import Side, make_side


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
