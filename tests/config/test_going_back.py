"""Migrating back beneath conversions, from whichever migration the database stands at."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.databases import copied_database, django_on

pytestmark = pytest.mark.django_db(transaction=True)
# Conversions had tables by then, and not every column.
HALF_WAY, BEFORE = "0032", "0023"
OPEN = "insert into conversions (number, schemas, plan, fingerprint, people_type) values (7, array['old'], '', '', '')"


def migrate(*arguments: str) -> None:
    call_command("migrate", *arguments, "-v0", stdout=io.StringIO())


@pytest.fixture
def half_way():
    with copied_database("half_way") as name, django_on(name):
        migrate("tenants", HALF_WAY)
        yield name


def test_a_database_that_stands_half_way_goes_further_back_and_up_again(half_way):
    migrate("tenants", BEFORE)
    assert "conversions" not in connection.introspection.table_names()
    migrate()
    assert "conversions" in connection.introspection.table_names()


def test_there_too_a_standing_conversion_is_named(half_way):
    with connection.cursor() as cursor:
        cursor.execute(OPEN)
    with pytest.raises(CommandError, match="Conversion 7 of old stands"):
        migrate("tenants", BEFORE)
