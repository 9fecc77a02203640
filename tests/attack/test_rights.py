"""Who gets what out of every table, tried out: it is as tests/attack/rights.txt says, which people read."""

import os
import re
from pathlib import Path

import pytest

from tests.attack.attempts import ready_to_attempt
from tests.attack.rights import describe_rights
from tests.worlds import Table, Worlds

pytestmark = pytest.mark.django_db
WRITTEN = Path(__file__).with_name("rights.txt")
MONTH = re.compile(r"_\d{4}_\d\d$")
TO_TYPE = "If that is what you meant: TENANTRY_WRITE=1 make test ARGS='tests/attack/test_rights.py', and read the diff."


def describe_tables(tables: list[Table], worlds: Worlds) -> str:
    """Every table with everybody's rights; months are as the DEFAULT partition is."""
    with ready_to_attempt():
        blocks = ["\n  ".join([t.label, *describe_rights(t, worlds)]) for t in tables if not MONTH.search(t.name)]
    return "\n".join(blocks) + "\n"


def test_everybody_gets_what_is_written_and_no_more(worlds, tables):
    found = describe_tables(tables, worlds)
    if os.environ.get("TENANTRY_WRITE"):
        WRITTEN.write_text(found, encoding="utf-8")
    assert found.splitlines() == WRITTEN.read_text(encoding="utf-8").splitlines(), TO_TYPE
