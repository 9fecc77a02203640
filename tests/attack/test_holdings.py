"""Every check and every foreign key of every table refuses what it is there to refuse, the owner of the tables too."""

from collections.abc import Iterable, Iterator

import pytest

from postgres.roles import OWNER
from tests.attack.attempts import Attempt, attempt_in, ready_to_attempt, undone
from tests.attack.holdings import (
    FIND_CHECKS,
    FIND_KEYS,
    ask,
    attempts_on_checks,
    attempts_on_keys,
    attempts_on_triggers,
)
from tests.worlds import Table, Worlds

pytestmark = pytest.mark.django_db
CHECK, KEY, UNIQUE = "23514", "23503", "23505"


@pytest.fixture
def whole(worlds: Worlds, tables: list[Table]) -> Iterator[list[Table]]:
    """The tables that constraints stand on."""
    with ready_to_attempt():
        yield [t for t in tables if not t.view and not t.partition]


def try_out(attempts: Iterable[Attempt]) -> dict[str, str]:
    with undone() as cursor:
        return attempt_in(cursor, OWNER, list(attempts))


def test_every_check_has_a_row_that_it_refuses(whole, worlds):
    for table in whole:
        found = try_out(attempts_on_checks(table, worlds))
        assert found == {f"check {name}": f"error {CHECK} {name}" for name, _, _ in ask(FIND_CHECKS, table.quoted)}


def test_every_foreign_key_refuses_what_is_not_there_and_what_is_another_organizations(whole, worlds):
    for table in whole:
        found = try_out(attempts_on_keys(table, worlds))
        keys = ask(FIND_KEYS, table.quoted)
        composite = {name for name, _, columns, referred in keys if len(columns) > 1 and "id" in referred}
        assert composite <= {name.split()[1] for name in found if name.endswith("theirs")}, table.label
        assert {result.split()[1] for result in found.values()} <= {KEY}, f"{table.label}: {found}"


def test_no_row_of_an_organization_moves_to_another_by_its_owner_either(whole, worlds):
    for table in whole:
        if table.is_org_table() and table.name != "organizations":
            moves = [a for a in attempts_on_triggers(table, worlds) if a.name == "move"]
            assert try_out(moves)["move"].startswith(f"error {CHECK} org_id_immutable"), table.label
