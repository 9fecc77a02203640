"""Takes the small old database as far as a test wants it, by plans written in a line per table."""

from typing import Any

from django.db import connection

from tenants.backfill.catalog.model import Catalog
from tenants.backfill.derive.expression import derive_org
from tenants.backfill.names import TableName
from tenants.backfill.people.mapping import map_people
from tenants.backfill.phases.column import run_column
from tenants.backfill.phases.start import open_conversion
from tenants.backfill.plan.model import PeoplePlan, Plan, TablePlan, read_choice, read_route
from tenants.models import Conversion, ConversionTable
from tests.tenants.backfill.legacy import ODD, Legacy, run_as

ROUTES = {
    "orders": "user:user_id",
    "order_lines": "parent:region,no->{s}.orders(region,no)",
    "line_marks": "parent:line_id->{s}.order_lines(id)",
    "notes": "user:owner_id",
    ODD: 'user:"User Id"',
    "events": "user:user_id",
    "log": "user:user_id",
}
LOCK_MS = 200


def make_plan(legacy: Legacy, routes: dict[str, str] = ROUTES, people: str = "stop", **choices: str) -> Plan:
    """All tables with the same choices; people by e-mail."""
    missing, _, slug = people.partition(":")
    made = {k: read_choice(v) for k, v in choices.items()}
    tables = {
        (name := TableName(legacy.schema, table)): TablePlan(
            name,
            read_route(route.replace("{s}", legacy.schema)),
            no_org=made.get("no_org", read_choice("stop")),
            many_orgs=made.get("many_orgs", read_choice("stop")),
        )
        for table, route in routes.items()
    }
    mapping = PeoplePlan(TableName(legacy.schema, "people"), "email:email", missing, slug)
    return Plan((legacy.schema,), tables, mapping, text="# a plan")


def begin(plan: Plan) -> Conversion:
    """Open the conversion of a plan, and decide about people."""
    conversion = open_conversion(plan, Catalog(plan.schemas, {}), actor="test")
    list(map_people(conversion, plan))
    return conversion


def add_columns(conversion: Conversion, plan: Plan) -> None:
    for table in conversion.tables.order_by("position"):
        list(run_column(table, plan, lock_ms=LOCK_MS))


def take_to_column(plan: Plan) -> Conversion:
    """As far as `column`."""
    conversion = begin(plan)
    add_columns(conversion, plan)
    return conversion


def fill_plainly(conversion: Conversion, plan: Plan) -> None:
    """One UPDATE per table with the expression that batches embed; triggers fire as for the batch role."""
    for table in conversion.tables.order_by("position"):
        fill_table(conversion, plan, table)


def fill_table(conversion: Conversion, plan: Plan, table: ConversionTable) -> None:
    given = next(t for name, t in plan.tables.items() if str(name) == table.name)
    expression = derive_org(given, conversion, "t").as_string(None)
    run_as("none", f"update {given.name.sql.as_string(None)} t set org_id = {expression} where t.org_id is null")


def rows(statement: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall())
