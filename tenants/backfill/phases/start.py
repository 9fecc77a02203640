"""Opening a conversion: found again by its schemas, with every decision of its plan resolved and kept."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from tenants.backfill.catalog.model import Catalog
from tenants.backfill.derive.keys import find_oid, read_key
from tenants.backfill.people.source import read_source
from tenants.backfill.plan.model import Choice, ChoiceKind, Plan, Route, TablePlan
from tenants.backfill.plan.routes import order_tables, resolve_route
from tenants.models import Conversion, ConversionState, ConversionTable, Organization, Phase
from tenants.scope import owner_scope

JOB = "backfill_org_ids"
# Only one process at a time gives out numbers.
NUMBERS_LOCK = 0x7E4A4E


class PlanConflict(RuntimeError):
    """The plan was changed in a way that tables under way cannot follow; all of them are named."""


def open_conversion(plan: Plan, catalog: Catalog, *, actor: str, plan_file: str = "") -> Conversion:
    """The conversion of this plan, made where there is none, following the plan where there is.

    `plan_file` is for the lines that people are given to type.
    """
    converted = {str(name): plan.tables[name] for name in order_tables(plan, catalog)}
    routes = {name: str(resolve_route(table, catalog)) for name, table in converted.items()}
    with transaction.atomic(), owner_scope(JOB, f"by {actor}"), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [NUMBERS_LOCK])
        conversion = find_conversion(plan.schemas) or _new_conversion(plan)
        people = read_source(plan.people).key
        _refuse_conflicts(conversion, routes, people.type)
        conversion.plan, conversion.fingerprint, conversion.people_type = plan.text, plan.fingerprint, people.type
        conversion.plan_file = plan_file or conversion.plan_file
        conversion.save()
        _keep_tables(conversion, plan, catalog, converted)
    return conversion


def find_conversion(schemas: tuple[str, ...]) -> Conversion | None:
    """The open one of exactly these schemas."""
    wanted = sorted(set(schemas))
    return Conversion.objects.filter(schemas=wanted, state=ConversionState.OPEN).order_by("number").last()


def resolve_decisions(table: TablePlan, plan: Plan, catalog: Catalog) -> dict[str, Any]:
    """A table's section of the plan, defaults filled in, and what its names mean in this database."""
    route = resolve_route(table, catalog)
    return {
        "class": table.table_class,
        "route": str(route),
        "no_org": str(table.no_org),
        "many_orgs": str(table.many_orgs),
        "triggers": table.triggers,
        "keep": list(table.keep),
        "cut": list(table.cut),
        "resolved": {
            "columns": [column.as_json() for column in read_key(table.name, route.columns)],
            "person": read_source(plan.people).key.as_json(),
            "parent": _resolve_parent(route, plan, catalog),
            "orgs": _resolve_orgs(route, table.no_org, table.many_orgs),
        },
    }


def _resolve_parent(route: Route, plan: Plan, catalog: Catalog) -> dict[str, Any] | None:
    if route.to is None:
        return None
    parent = plan.tables.get(route.to)
    own = resolve_route(parent, catalog).columns if parent and parent.converts else None
    return {
        "name": str(route.to),
        "oid": find_oid(route.to),
        "columns": [column.as_json() for column in read_key(route.to, route.to_columns)],
        # Null: the parent has its organizations from elsewhere, and no derivation here.
        "route": None if own is None else list(own),
    }


def _resolve_orgs(route: Route, *choices: Choice) -> dict[str, str]:
    slugs = {choice.slug for choice in choices if choice.kind is ChoiceKind.ORG} | ({route.slug} - {""})
    found = dict(Organization.objects.filter(slug__in=slugs).values_list("slug", "id"))
    if unknown := sorted(slugs - found.keys()):
        raise PlanConflict(f"There is no organization {', '.join(unknown)}.")
    return {slug: str(org_id) for slug, org_id in found.items()}


def _new_conversion(plan: Plan) -> Conversion:
    newest = Conversion.objects.aggregate(newest=Max("number"))["newest"] or 0
    return Conversion(number=newest + 1, schemas=sorted(set(plan.schemas)))


def _refuse_conflicts(conversion: Conversion, routes: dict[str, str], people_type: str) -> None:
    """Routes of tables that were begun stay; other decisions may change at any time."""
    begun = list(ConversionTable.objects.filter(conversion=conversion).exclude(phase=Phase.START))
    faults = []
    for table in begun:
        now = routes.get(table.name)
        if now is None:
            faults.append(f"{table.name} has come as far as {table.phase}, and the plan does not convert it any more")
        elif table.decisions["route"] != now:
            faults.append(f"{table.name} was begun by route {table.decisions['route']}, and the plan says {now}")
    if begun and conversion.people_type != people_type:
        faults.append(f"its people were {conversion.people_type}, and are {people_type} by the plan")
    if faults:
        raise PlanConflict(
            f"Conversion {conversion.number} cannot follow this plan: {'; '.join(faults)}."
            " Take the old text again, or first: manage.py backfill_org_ids rollback --plan PLAN --to start"
        )


def _keep_tables(conversion: Conversion, plan: Plan, catalog: Catalog, converted: dict[str, TablePlan]) -> None:
    ConversionTable.objects.filter(conversion=conversion, phase=Phase.START).exclude(name__in=converted).delete()
    for position, (name, table) in enumerate(converted.items()):
        known = catalog.tables.get(table.name)
        values = {
            "oid": find_oid(table.name),
            "position": position,
            "decisions": resolve_decisions(table, plan, catalog),
            "rows_estimate": max(known.rows, 0) if known else 0,
        }
        ConversionTable.objects.update_or_create(conversion=conversion, name=name, defaults=values)
