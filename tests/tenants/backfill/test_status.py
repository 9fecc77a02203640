"""What is said of a conversion's progress."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants.backfill.status import read_status
from tenants.models import Conversion, ConversionTable

pytestmark = pytest.mark.django_db


def make_table(**fields: Any) -> Conversion:
    made = Conversion.objects.create(number=7, schemas=["old"], plan="")
    began = timezone.now() - timedelta(seconds=100)
    ConversionTable.objects.create(
        conversion=made, name="old.calls", oid=1, position=0, decisions={}, fill_started_at=began, **fields
    )
    return made


def test_a_table_that_is_being_filled_has_as_many_rows_as_was_guessed():
    made = make_table(phase="column", state="working", rows_estimate=60, rows_passed=37)
    (table,) = read_status(made).tables
    assert (table.rows_passed, table.rows_estimate) == (37, 60)
    assert table.seconds_left is not None


def test_a_table_that_is_filled_has_as_many_rows_as_were_counted():
    finished = timezone.now()
    made = make_table(phase="fill", state="done", rows_estimate=60, rows_passed=37, fill_finished_at=finished)
    (table,) = read_status(made).tables
    assert (table.rows_passed, table.rows_estimate) == (37, 37)
