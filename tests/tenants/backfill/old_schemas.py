"""Old schemas for a test's transaction: made by the login itself, gone with the test."""

from dataclasses import replace

from django.db import connection

from tenants.backfill.catalog.reading import read_catalog
from tenants.backfill.discover.propose import propose_plan
from tenants.backfill.names import TableName

SCHEMA = "old"
PEOPLE = "create table people (id bigint primary key, email text not null);"


def run_sql(statements, schema=SCHEMA):
    """Run statements as the login, with the schema in its search path; then act as the owner role again."""
    with connection.cursor() as cursor:
        cursor.execute("set local role none")
        cursor.execute(f'create schema if not exists "{schema}"')
        cursor.execute(f'set local search_path = "{schema}"')
        cursor.execute(statements, None)
        rows = cursor.fetchall() if cursor.description else []
        cursor.execute("set local search_path = public")
        cursor.execute("set local role tenantry_owner")
    return rows


def read_old(*schemas):
    with connection.cursor() as cursor:
        return read_catalog(cursor, schemas or [SCHEMA])


def discover(statements="", *, previous=None, default_org="", schemas=(SCHEMA,)):
    """What discover makes of these tables."""
    if statements:
        run_sql(statements)
    return propose_plan(read_old(*schemas), previous=previous, default_org=default_org)


def decisions_of(plan, table: str, schema=SCHEMA):
    return plan.tables[TableName(schema, table)]


def route_of(plan, table: str) -> str:
    return str(decisions_of(plan, table).route)


def comment_of(plan, table: str) -> str:
    return "\n".join(decisions_of(plan, table).comment)


def decide(plan, table: str, **changes):
    """The plan with other decisions about one table."""
    name = TableName(SCHEMA, table)
    return replace(plan, tables=plan.tables | {name: replace(plan.tables[name], **changes)})
