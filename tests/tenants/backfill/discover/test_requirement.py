"""Requirement 2's tables: 45 that convert and 9 that do not, by the rules and not by their names."""

import pytest

from config.demo.legacy import FOLDER
from tests.tenants.backfill.old_schemas import discover, run_sql

pytestmark = pytest.mark.django_db
FILES = ("people", "reference", "calls", "campaigns", "knowledge", "billing")
EXEMPT = {
    "profiles", "user_profiles", "user_credits", "user_subscriptions", "customers", "billing_plans", "pricing_tiers",
    "voice_options", "campaign_templates",
}  # fmt: skip


@pytest.fixture
def plan():
    for name in FILES:
        run_sql((FOLDER / f"{name}.sql").read_text())
    return discover(schemas=["legacy"])


def test_45_tables_convert_and_9_are_exempt_beside_the_people(plan):
    exempt = {name.table for name, table in plan.tables.items() if str(table.route) == "exempt"}
    assert exempt == EXEMPT | {"users"}
    assert sum(table.converts for table in plan.tables.values()) == 45
    assert len(plan.tables) == 55


def test_its_people_are_found_by_their_email(plan):
    assert (str(plan.people.table), plan.people.match, plan.people.missing) == ("legacy.users", "email:email", "stop")
