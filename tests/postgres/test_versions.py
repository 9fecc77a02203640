"""Which servers are warned about."""

from datetime import date

import pytest
from django.core.checks import Tags, run_checks

from config import checks
from postgres.versions import NEWEST, find_fault


@pytest.mark.parametrize(("major", "newest"), NEWEST.items())
def test_the_newest_known_minor_and_later_ones_are_fine(major, newest):
    assert find_fault(major * 10000 + newest.number) == ""
    assert find_fault(major * 10000 + newest.number + 1) == ""


@pytest.mark.parametrize(("major", "newest"), NEWEST.items())
def test_an_older_minor_is_named_with_the_one_to_install(major, newest):
    fault = find_fault(major * 10000 + newest.number - 1)
    assert f"{major}.{newest.number - 1} lacks security fixes: {major}.{newest.number} came out" in fault
    assert str(newest.released.year) in fault


@pytest.mark.parametrize(("version", "words"), [(140023, "too old"), (190000, "newer than any")])
def test_other_versions_are_named(version, words):
    assert words in find_fault(version)


def test_no_release_is_of_the_future():
    assert all(newest.released <= date.today() for newest in NEWEST.values())


@pytest.mark.django_db
def test_the_check_asks_the_server(monkeypatch):
    asked: list[int] = []

    def find_old(version: int) -> str:
        asked.append(version)
        return "old"

    monkeypatch.setattr(checks, "find_fault", find_old)
    found = [m for m in run_checks(tags=[Tags.database], databases=["default"]) if m.id == "config.W001"]
    assert asked[0] >= 150000
    assert [m.msg for m in found] == ["old"]


def test_without_a_database_nothing_is_asked():
    assert checks.check_server_version() == []
