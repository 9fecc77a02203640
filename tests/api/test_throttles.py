"""Too many requests are told when to come back; other people are not."""

import pytest

from tenants.api.throttles import COUNTER, MOST_SUBJECTS, Counter
from tests.api.clients import ApiClient

pytestmark = pytest.mark.django_db


def ask(client, times):
    return [client.get("/api/profile/").status_code for _ in range(times)]


def test_a_person_is_told_to_wait_and_others_go_on(as_owner, as_member, settings):
    settings.TENANTRY_REQUESTS_PER_MINUTE = {"person": 5, "org": 0, "address": 0}
    assert ask(as_owner, 6) == [200] * 5 + [429]
    late = as_owner.get("/api/profile/")
    assert 0 < int(late["Retry-After"]) <= 60
    assert late.json()["type"] == "too-many-requests"
    assert ask(as_member, 1) == [200]


def test_an_organization_is_counted_over_all_its_people(as_owner, as_member, as_stranger, settings):
    settings.TENANTRY_REQUESTS_PER_MINUTE = {"person": 0, "org": 4, "address": 0}
    assert ask(as_owner, 2) + ask(as_member, 3) == [200] * 4 + [429]
    assert ask(as_stranger, 1) == [200]


def test_what_one_process_counted_the_others_know(as_owner, settings):
    settings.TENANTRY_REQUESTS_PER_MINUTE = {"person": 5, "org": 0, "address": 0}
    assert ask(as_owner, 5) == [200] * 5
    # As another process begins: with nothing in its memory.
    COUNTER.clear()
    assert ask(as_owner, 1) == [429]


def test_nobody_is_counted_by_address(nobody, settings):
    settings.TENANTRY_REQUESTS_PER_MINUTE = {"person": 0, "org": 0, "address": 3}
    assert ask(ApiClient("nonsense"), 4) == [401] * 3 + [429]
    assert nobody.post("/api/auth/token", {}).status_code == 429


def test_most_requests_cost_the_database_nothing(as_owner, settings, django_assert_max_num_queries):
    settings.TENANTRY_REQUESTS_PER_MINUTE = {"person": 100, "org": 0, "address": 0}
    with django_assert_max_num_queries(0):
        for _ in range(9):
            COUNTER.add("somebody", 10)
    assert COUNTER.add("somebody", 10) == (10, 0.0)


def test_many_at_once_are_not_gone_through_with_each_request():
    counter = Counter()
    for number in range(MOST_SUBJECTS + 1):
        counter.add(str(number), 10)
    kept = counter.counts
    counter.add("one more", 10)
    assert counter.counts is kept
