"""Conversions that stand in the way of migrating back: their triggers call what the migrations would take away."""

import shlex

from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet

from config.demo.crm import PLAN_FILE
from tenants.backfill.coordinator import coordinate
from tenants.backfill.phases.rollback import roll_back
from tenants.models import Conversion, ConversionState, Phase

# The migration that made their tables: behind it nobody knows of conversions.
MADE = ("tenants", "0024_conversions")
LOCK_MS = 100


def make_way(app: str | None, name: str | None) -> None:
    """Before the first step: take the demo's conversion back, and refuse for anybody else's."""
    if not app or not name or not goes_behind_conversions(app, name):
        return
    standing = Conversion.objects.exclude(state=ConversionState.UNDONE).order_by("number")
    others = find_others(standing)
    if others:
        raise CommandError("\n".join(describe_conversion(*other) for other in others))
    for conversion in standing if is_current() else ():
        with coordinate(conversion):
            for _ in roll_back(conversion, to=Phase.START, lock_ms=LOCK_MS):
                pass


def find_others(standing: QuerySet[Conversion]) -> list[tuple[int, list[str], str]]:
    """Those that are not the demo's. A database half-way has not every column: there none can be told apart."""
    if is_current():
        return list(standing.exclude(plan_file=PLAN_FILE).values_list("number", "schemas", "plan_file"))
    return [(number, schemas, "") for number, schemas in standing.values_list("number", "schemas")]


def is_current() -> bool:
    """Whether the tables of conversions are as this release knows them."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan([node for node in executor.loader.graph.leaf_nodes() if node[0] == MADE[0]])


def goes_behind_conversions(app: str, name: str) -> bool:
    """Whether migrating there would undo the migration that made the tables of conversions."""
    executor = MigrationExecutor(connection)
    if app not in executor.loader.migrated_apps or MADE not in executor.loader.applied_migrations:
        return False
    if name == "zero":
        target: tuple[str, str | None] = (app, None)
    else:
        try:
            target = (app, executor.loader.get_migration_by_prefix(app, name).name)
        except (KeyError, ValueError):
            # Django says it better.
            return False
    plan = executor.migration_plan([target])
    return any(backwards and (migration.app_label, migration.name) == MADE for migration, backwards in plan)


def describe_conversion(number: int, schemas: list[str], plan_file: str) -> str:
    """What it would do to the old application, and what to type."""
    plan = shlex.quote(plan_file) if plan_file else "PLAN"
    return (
        f"Conversion {number} of {', '.join(schemas)} stands: without Tenantry its triggers would fail, and the old"
        " application with them. Nothing was changed. First:"
        f" manage.py backfill_org_ids rollback --plan {plan} --to start"
    )
