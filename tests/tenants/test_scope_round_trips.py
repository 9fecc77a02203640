"""How often a request waits for the database, counted in the protocol itself."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from tenants.models import Store
from tenants.scope import request_scope, service_scope
from tests.factories import make_person, org_of

pytestmark = pytest.mark.django_db(transaction=True)


class Trips:
    """How many times we spoke and then listened."""

    def __init__(self) -> None:
        self.directions: list[str] = []

    @property
    def count(self) -> int:
        return sum(1 for direction, _ in itertools.groupby(self.directions) if direction == "F")


@contextmanager
def counted_trips() -> Iterator[Trips]:
    """Let libpq write down every message: F for those to the server, B for those back."""
    connection.ensure_connection()
    raw: Any = connection.connection.pgconn
    trips = Trips()
    with tempfile.TemporaryFile("r+") as file:
        raw.trace(file.fileno())
        raw.set_trace_flags(1)
        try:
            yield trips
        finally:
            raw.untrace()
            file.seek(0)
            trips.directions = [line.split("\t")[0] for line in file if line[:1] in "FB"]


def test_a_request_enters_asks_and_ends_in_three_round_trips():
    person = make_person()
    org = org_of(person)
    with counted_trips() as trips, request_scope("api", sub=person.pk, org_id=org.pk):
        assert list(Store.objects.values_list("name")) == []
    assert trips.count == 3


def test_a_request_that_asks_nothing_takes_two():
    person = make_person()
    org = org_of(person)
    with counted_trips() as trips, request_scope("api", sub=person.pk, org_id=org.pk):
        pass
    assert trips.count == 2


def test_a_nested_scope_costs_one_to_enter_and_one_to_leave():
    with request_scope("service", reason="test"), counted_trips() as trips, service_scope("inner"):
        pass
    assert trips.count == 2
