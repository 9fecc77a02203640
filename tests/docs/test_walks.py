"""The walks of the pages, typed as they stand: real commands, a real server, the demo's rows."""

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.docs.serving import Walker, find_blocks, served_demo

pytestmark = pytest.mark.xdist_group("walks")
# Pages for operators say `manage.py` for this.
DOOR = 'manage.py() { .venv/bin/python manage.py "$@"; }\n'
# What the demo's bug left behind, and by whom.
GRANTED = """
select to_char(min(a.granted_at), 'YYYY-MM-DD"T"HH24:MI'), to_char(max(a.granted_at) + '1 min', 'YYYY-MM-DD"T"HH24:MI'),
    min(u.email)
from access_findings f join user_dso_access a on a.id = any (f.row_ids) join users u on u.id = a.granted_by
where f.detector = 'granted' group by f.org_id having count(distinct u.email) = 1 order by min(u.email) limit 1
"""


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


def test_the_access_review_from_the_shell(walker: Walker) -> None:
    """The page's moments, person and batch are somebody's; here they are the demo's, whose few rows warn."""
    lines = find_blocks("docs/access-review.md", "## From the shell")
    with psycopg.connect(walker.environment["DATABASE_URL"]) as session:
        since, until, giver = one_row(session, GRANTED)
    for written, meant in (
        (r"(--since) \S+", since),
        (r"(--until) \S+", until),
        (r"(--granted-by) \S+", f"{giver} --despite-warnings"),
    ):
        lines, found = re.subn(written, rf"\1 {meant}", lines)
        assert found == 1, written
    cleaning, undo = re.split(r"(?=manage\.py clean_access --undo)", lines)
    said = walker.type(DOOR + cleaning)
    batch = re.findall(r"^Batch ([^.]*)\.", said, re.MULTILINE)[-1]
    restored = walker.type(DOOR + re.sub(r"--undo \S+", f"--undo {batch}", undo))
    assert re.findall(r"(\d+) removed", said)[-1:] == re.findall(r"(\d+) restored", restored)


def test_what_stands_in_the_way_of_scaling_is_as_the_page_says(walker: Walker) -> None:
    """Nothing of ours; keys and sequences of converted tables."""
    manage = f"{DOOR}manage.py scaleout"
    assert "\nsequences (move)" in walker.type(f"{manage} --list")
    said = json.loads(walker.type(f"{manage} --check --json || true"))
    assert {row["object"].split(".")[0].split()[0] for row in said if not row["known"]} <= {"legacy", "legacy_crm"}


def test_what_to_look_at_regularly_is_clean(walker: Walker) -> None:
    said = walker.type(f"{DOOR}manage.py doctor --json; manage.py verify_audit")
    assert " chains, whole." in said


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


def one_row(session: psycopg.Connection[Any], question: str) -> tuple[Any, ...]:
    session.execute("set time zone 'UTC'")
    found = session.execute(question).fetchone()
    assert found is not None
    return tuple(found)


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
