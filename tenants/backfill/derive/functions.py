"""The functions that carry a table's derivation: for its children, and for its fill trigger."""

from enum import StrEnum

from django.conf import settings
from psycopg import sql

from postgres.roles import BATCH
from tenants.backfill.derive.expression import Decisions, compose_derivation, read_decisions
from tenants.backfill.derive.objects import fill_function, org_function
from tenants.backfill.names import read_name
from tenants.backfill.plan.model import RouteKind
from tenants.models import ConversionTable

# The columns come in as parameters, and stand as a row, so that the expression is the same as everywhere.
ORG_FUNCTION = """
create or replace function {name}({types}) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as {body};
revoke all on function {name}({types}) from public;
grant execute on function {name}({types}) to {batch};
comment on function {name}({types}) is {comment}
"""
ORG_BODY = "begin return (select {expression} from (select {values}) as tenantry_given); end"
FILL_FUNCTION = """
create or replace function {name}() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as {body};
revoke all on function {name}() from public;
comment on function {name}() is {comment}
"""
FILL_BODY = "declare found_org uuid; begin {body} return new; end"
# A value that was given stays where the route leads nowhere; a row that moved to a person without one has none.
FILL = """
    if tg_op = 'UPDATE' and new.org_id is not null and new.org_id is not distinct from old.org_id and not ({moved}) then
        return new;
    end if;
    found_org := {derivation};
    if found_org is not null then
        new.org_id := found_org;
    elsif tg_op = 'UPDATE' and ({moved}) and new.org_id is not distinct from old.org_id then
        new.org_id := null;
    end if;
"""
REQUIRE = """
    if new.org_id is null then
        raise not_null_violation using
            message = pg_catalog.format('no organization for this row of %s: %s', {table}, {reason}{shown}),
            hint = 'Make its person a member of an organization, or let no_org of the conversion''s plan name one.',
            schema = tg_table_schema, table = tg_table_name, column = 'org_id';
    end if;
"""
# Once guarded, a row's organization is what its writer says, or acts in; who says neither gets the derived one.
FILL_GUARDED = """
    if tg_op = 'INSERT' and new.org_id is null then
        new.org_id := coalesce({claimed}, {derivation});
    elsif tg_op = 'UPDATE' and ({moved}) and {derivation} is distinct from old.org_id then
        raise check_violation using
            message = pg_catalog.format('this row of %s would move to another organization: %s', {table},
                {reason}{shown}),
            hint = 'Rows stay in their organization: make a new one there, and delete this one.',
            schema = tg_table_schema, table = tg_table_name, constraint = {constraint};
    end if;
"""


class FillMode(StrEnum):
    """What the fill trigger does: `open` fills what it can, `required` refuses the rest, `guarded` moves nothing."""

    OPEN = "open"
    REQUIRED = "required"
    GUARDED = "guarded"


def compose_org_function(table: ConversionTable) -> sql.Composed:
    """What finds the organization of a row, and decides about people on the way."""
    decisions = read_decisions(table)
    expression = compose_derivation(decisions, "tenantry_given", deciding=True)
    values = [
        sql.SQL("${} as {}").format(sql.Literal(number), sql.Identifier(column.name))
        for number, column in enumerate(decisions.columns, 1)
    ]
    return sql.SQL(ORG_FUNCTION).format(
        name=org_function(table.conversion, table.oid),
        types=_types(decisions),
        body=_quote(sql.SQL(ORG_BODY).format(expression=expression, values=sql.SQL(", ").join(values))),
        batch=sql.Identifier(BATCH),
        comment=sql.Literal(f"Finds the organization of a row of {table.name} by its route."),
    )


def compose_fill_function(table: ConversionTable, mode: FillMode = FillMode.OPEN) -> sql.Composed:
    """The body of the fill trigger; made anew it serves the next row, without a lock on the table."""
    decisions = read_decisions(table)
    template = FILL_GUARDED if mode is FillMode.GUARDED else FILL
    body = template + ("" if mode is FillMode.OPEN else REQUIRE)
    names = [sql.Identifier(column.name) for column in decisions.columns]
    parts = {
        "moved": _compare_rows(names),
        "derivation": _call(table, names),
        "claimed": sql.SQL("{}()").format(sql.Identifier(settings.TENANTRY_SCHEMA, "auth_org_id")),
        "table": sql.Literal(table.name),
        "reason": sql.Literal(_describe_reason(decisions)),
        "shown": sql.SQL("").join(sql.SQL(" || ' ' || coalesce(new.{}::text, 'null')").format(n) for n in names),
        "constraint": sql.Literal(f"org_id_immutable_{read_name(table.name).table}"[:63]),
    }
    return sql.SQL(FILL_FUNCTION).format(
        name=fill_function(table),
        body=_quote(sql.SQL(FILL_BODY).format(body=sql.SQL(body).format(**parts))),
        comment=sql.Literal(f"Fills org_id of {table.name} while it is converted."),
    )


def compose_drop(table: ConversionTable) -> sql.Composed:
    """The way back of both."""
    return sql.SQL("drop function if exists {}(); drop function if exists {}({})").format(
        fill_function(table), org_function(table.conversion, table.oid), _types(read_decisions(table))
    )


def _quote(body: sql.Composed) -> sql.Literal:
    """As a literal: a column may be named like any dollar quote."""
    return sql.Literal(body.as_string(None))


def _types(decisions: Decisions) -> sql.Composed:
    return sql.SQL(", ").join(column.sql_type for column in decisions.columns)


def _call(table: ConversionTable, names: list[sql.Identifier]) -> sql.Composed:
    values = sql.SQL(", ").join(sql.SQL("new.{}").format(name) for name in names)
    return sql.SQL("{}({})").format(org_function(table.conversion, table.oid), values)


def _compare_rows(names: list[sql.Identifier]) -> sql.Composable:
    """Whether an update changed the route; as text, for types whose `=` stands in another schema."""
    if not names:
        return sql.SQL("false")
    changed = [sql.SQL("old.{0}::text is distinct from new.{0}::text").format(name) for name in names]
    return sql.SQL(" or ").join(changed)


def _describe_reason(decisions: Decisions) -> str:
    columns = ", ".join(column.name for column in decisions.columns)
    who = "parent" if decisions.kind is RouteKind.PARENT else "person"
    return f"its {who} has none, or more than one; {columns} is"
