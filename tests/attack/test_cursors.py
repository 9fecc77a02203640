"""Cursors that were made in another organization, or by hand: they open nothing, in every order of every list."""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tenants.models import Customer
from tests.api.clients import ApiClient, client_for
from tests.api.test_query_counts import LISTS, workspace_of
from tests.factories import make_org, owner_of

pytestmark = pytest.mark.django_db
ORDERS = re.compile(r"Order by one of (.*), or by")
FIRST, LAST = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
# What is everybody's, and what is no list of rows.
SHARED = {"metric-definitions/", "ai-usage/summary/"}
FOR_ALL = sorted(LISTS.keys() - SHARED)


class Side:
    """An organization with three rows in one list, and its owner's client."""

    def __init__(self, route: str) -> None:
        self.org = make_org()
        owner = owner_of(self.org)
        self.client: ApiClient = client_for(owner, self.org)
        self.address = f"/api/{route.replace('<key:workspace_id>', str(workspace_of(self.org).pk))}"
        for number in range(3):
            LISTS[route][1](self.org, owner, number)
        self.ids = {row["id"] for row in self.ask(page_size=200)["results"]}

    def ask(self, **asked: Any) -> Any:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        answer = self.client.get(f"{self.address}?{query}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    def orders(self) -> list[str]:
        """As the list itself names them."""
        refusal = self.client.get(f"{self.address}?ordering=nothing").json()["errors"]["ordering"][0]
        match = ORDERS.search(str(refusal))
        assert match, refusal
        return [sign + name for name in match[1].split(", ") for sign in ("", "-")]

    def cursor_after_one(self, order: str) -> str:
        after = self.ask(ordering=order, page_size=1)["next"]
        return str(parse_qs(urlsplit(after).query)["cursor"][0])


def read(cursor: str) -> list[Any]:
    whole: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return whole


def write(order: str, value: Any, key: Any, *, backwards: bool) -> str:
    text = json.dumps([order, value, key, backwards])
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def forge(cursor: str) -> list[str]:
    """The cursor itself, both ways, and with keys before and behind everything."""
    order, value, key, _ = read(cursor)
    places = [(value, key), *(((edge if value == key else value), edge) for edge in (FIRST, LAST))]
    return [write(order, v, k, backwards=backwards) for v, k in places for backwards in (False, True)]


@pytest.mark.parametrize("route", FOR_ALL)
def test_another_organizations_cursor_shows_ones_own_rows_or_none(route: str) -> None:
    ours, theirs = Side(route), Side(route)
    ours.ids = {row["id"] for row in ours.ask(page_size=200)["results"]}
    foreign = theirs.ids - ours.ids
    assert len(foreign) >= 3
    for order in theirs.orders():
        for cursor in forge(theirs.cursor_after_one(order)):
            shown = {row["id"] for row in ours.ask(ordering=order, page_size=200, cursor=cursor)["results"]}
            # What this request itself brought about is ours too: the log grows.
            assert not shown & foreign, (order, read(cursor))
            seen = {row["id"] for row in ours.ask(page_size=200)["results"]}
            assert shown <= seen, (order, read(cursor))


@pytest.mark.parametrize("route", FOR_ALL)
def test_a_cursor_of_another_order_is_refused(route: str) -> None:
    side = Side(route)
    first, *others = side.orders()
    cursor = side.cursor_after_one(first)
    for order in others:
        answer = side.client.get(f"{side.address}?ordering={order}&cursor={cursor}")
        assert answer.status_code == 400, (order, answer.content)
        assert set(answer.json()["errors"]) == {"cursor"}


@pytest.mark.parametrize("route", FOR_ALL)
def test_forward_and_back_by_cursors_meets_every_row_once(route: str) -> None:
    side = Side(route)
    for order in side.orders():
        whole = [row["id"] for row in side.ask(ordering=order, page_size=200)["results"]]
        pages, page = [], side.ask(ordering=order, page_size=2)
        while True:
            pages.append([row["id"] for row in page["results"]])
            if not page["next"]:
                break
            page = side.client.get(page["next"]).json()
        assert [one for ids in pages for one in ids] == whole, order
        for ids in reversed(pages[:-1]):
            page = side.client.get(page["previous"]).json()
            assert [row["id"] for row in page["results"]] == ids, order


def test_a_page_goes_on_behind_a_text_that_no_form_would_take() -> None:
    side = Side("customers/")
    Customer.objects.filter(org=side.org).update(email="not an address")
    assert len(side.ask(ordering="email", page_size=1, cursor=side.cursor_after_one("email"))["results"]) == 1


@pytest.mark.parametrize("odd", ["\0", "\ud800", 7, None, [], {}, True])
def test_what_is_no_text_is_refused(odd: Any) -> None:
    side = Side("customers/")
    order, _, key, _ = read(side.cursor_after_one("name"))
    answer = side.client.get(f"{side.address}?ordering=name&cursor={write(order, odd, key, backwards=False)}")
    assert answer.status_code == 400, answer.content
