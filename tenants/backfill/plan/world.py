"""What a plan is held against beside the tables: organizations and roles."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from psycopg import sql

from tenants.backfill.catalog.model import Catalog
from tenants.backfill.discover.people import People, describe_people
from tenants.backfill.plan.model import Plan

SLUGS = "select slug, id::text, status from {}.organizations"
ROLES = "select rolname::text from pg_catalog.pg_roles"


@dataclass(frozen=True)
class World:
    """A plan, the catalog, its people, the organizations that it names and all roles."""

    plan: Plan
    catalog: Catalog
    people: People
    orgs: dict[str, tuple[str, str]]
    """Id and status by slug."""
    roles: frozenset[str]

    def refuse_slug(self, slug: str) -> str:
        """Why rows cannot go to this organization; empty: they can."""
        if slug not in self.orgs:
            return f"there is no organization with the slug {slug!r}"
        if self.orgs[slug][1] == "deleting":
            return f"the organization {slug!r} is being deleted"
        return ""


def find_slugs(plan: Plan) -> set[str]:
    """Every organization that a plan names."""
    slugs = {plan.people.slug} if plan.people else set()
    for table in plan.tables.values():
        slugs |= {table.route.slug, table.no_org.slug, table.many_orgs.slug}
    return slugs - {""}


def read_world(plan: Plan, catalog: Catalog, cursor: Any) -> World:
    """Look up what the plan names."""
    statement = sql.SQL(SLUGS + " where slug = any(%s)").format(sql.Identifier(settings.TENANTRY_SCHEMA))
    cursor.execute(statement.as_string(None), [sorted(find_slugs(plan))])
    orgs = {slug: (org_id, status) for slug, org_id, status in cursor.fetchall()}
    cursor.execute(ROLES)
    roles = frozenset({"public", *(row[0] for row in cursor.fetchall())})
    return World(plan, catalog, describe_people(plan.people, catalog), orgs, roles)
