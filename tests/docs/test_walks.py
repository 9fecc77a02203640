"""The walks of the pages, typed as they stand: real commands, a real server, the demo's rows."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.docs.serving import Walker, find_blocks, served_demo

pytestmark = pytest.mark.xdist_group("walks")


@pytest.fixture(scope="module")
def walker(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    with django_db_blocker.unblock(), served_demo("walks", tmp_path_factory.mktemp("walks")) as served:
        yield served


def test_the_api_in_ten_minutes(walker: Walker) -> None:
    said = walker.type(find_blocks("docs/api.md", "## A walk"))
    assert '"title":"Precondition failed"' in said.replace('": "', '":"')
    assert said.count('"name":"North"') == 2


def test_the_readmes_conversion(walker: Walker) -> None:
    said = walker.type(find_blocks("README.md", "### 1. Convert a database"))
    assert "proved by" in said
    assert (walker.folder / "proof" / "conversion.md").read_text(encoding="utf-8").startswith("#")


def test_the_demos_conversion_that_waits(walker: Walker) -> None:
    said = walker.type(find_blocks("docs/converting.md", "### Try it: a conversion that waits"))
    assert "6 rows wait in quarantine" in said
    assert "4 at constrain" in said
    assert "proved by" in said


def test_the_readmes_cleaning(walker: Walker) -> None:
    said = walker.type(find_blocks("README.md", "### 2. Switch organization, remove wrong access"))
    removed, restored = (re.findall(rf"(\d+) {word}", said) for word in ("removed", "restored"))
    assert removed == restored
    assert removed
    assert removed[0] != "0"


def test_the_readmes_calls(walker: Walker) -> None:
    said = walker.type(find_blocks("README.md", "### 3. Call the API"))
    assert said.endswith("404\n")


def test_the_readmes_sql_shows_nothing_to_nobody(walker: Walker) -> None:
    statements = re.findall(r"^(.*?);", find_blocks("README.md", "### 3. Call the API", "sql"), re.MULTILINE)
    with psycopg.connect(walker.environment["DATABASE_URL"]) as session:
        seen = [session.execute(statement) for statement in statements]
        assert [cursor.fetchone() for cursor in (seen[1], seen[3])] == [(0,), (0,)]


def begin_as_owner() -> str:
    """The first lines of the README's calls, which the pages about the API take for granted."""
    lines = find_blocks("README.md", "### 3. Call the API").splitlines()
    return "\n".join([*lines[: next(n for n, line in enumerate(lines) if line.startswith("call()")) + 1], ""])


def test_metrics_are_sent_and_asked(walker: Walker) -> None:
    pages = [find_blocks("docs/metrics.md", heading) for heading in ("## Define", "## Send", "## Ask")]
    said = walker.type(begin_as_owner() + "\n".join(pages))
    assert '"inserted":2' in said
    assert '"bucket":"week"' in said


def test_a_connection_of_the_demos_owner_is_made_and_given_a_credential(walker: Walker) -> None:
    walk = find_blocks("docs/integrations.md", "## A connection, from nothing to events").split(".venv/bin")[0]
    said = walker.type(begin_as_owner() + walk)
    assert '"is_set":true' in said
    assert '"status":"pending"' in said
