"""`constrain`: what stands afterwards, what is refused, and what a killed build leaves."""

from collections.abc import Iterator

import pytest

from tests.tenants.backfill.phases.converting import Shop, shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("old_shop")]


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_shop_constrain") as made:
        yield made


def test_every_table_gets_its_index_its_checked_key_and_not_null(made: Shop) -> None:
    made.constrain()
