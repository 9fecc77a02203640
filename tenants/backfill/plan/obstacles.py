"""What keeps a table from being converted at all, whatever its route, and what to type against it."""

from django.conf import settings

from postgres.names import quote
from tenants.backfill.catalog.model import Catalog, Column, Table
from tenants.backfill.names import TableName
from tenants.backfill.plan.faults import Obstacle
from tenants.backfill.plan.namesakes import find_namesake
from tenants.backfill.plan.routes import ORG_COLUMN

# Of PostgreSQL; a column that was dropped counts.
MOST_COLUMNS = 1600


def find_obstacle(table: Table, catalog: Catalog) -> Obstacle | None:
    """Say what is in the way of converting this table, its partitions included."""
    own = _find_own(table, catalog)
    if own:
        return own
    for name in table.partitions:
        part = catalog.tables.get(name)
        found = _find_any(part, catalog) if part else None
        if found:
            return Obstacle(f"of its partition {name}: {found.sentence}", found.remedy)
    return None


def _find_own(table: Table, catalog: Catalog) -> Obstacle | None:
    if table.partition_of:
        return Obstacle(
            f"{table.name} is a partition of {table.partition_of}, which decides for it",
            f"manage.py backfill_org_ids discover --schema {table.partition_of.schema} (and the schemas of this plan)",
        )
    return _find_any(table, catalog) or _find_column(table)


def _find_any(table: Table, catalog: Catalog) -> Obstacle | None:
    """What a partition can have as well."""
    return _find_kind(table) or _find_owner(table, catalog) or _find_room(table) or find_namesake(table, catalog)


def _find_kind(table: Table) -> Obstacle | None:
    name = table.name.sql.as_string(None)
    exempt = f'route = "exempt" for {table.name}'
    if table.kind == "foreign":
        return Obstacle(
            f"{table.name} is a foreign table: its rows are in another database",
            f"{exempt}, and convert it where its rows are",
        )
    if table.kind != "table" and table.kind != "partitioned":
        return Obstacle(f"{table.name} is a {table.kind}, not a table", f"{exempt}, or leave it out")
    if table.persistence != "permanent":
        return Obstacle(
            f"{table.name} is {table.persistence}: a crash would empty it, and what was recorded of it would be wrong",
            f"ALTER TABLE {name} SET LOGGED; or {exempt}",
        )
    if table.inherits:
        return Obstacle(
            f"{table.name} has parents or children by plain inheritance: a key holds in one of them only",
            f"{exempt}, or make it a partitioned table",
        )
    return None


def _find_owner(table: Table, catalog: Catalog) -> Obstacle | None:
    if not table.may_alter:
        options = " WITH INHERIT TRUE, SET TRUE" if catalog.version >= 160000 else ""
        login = quote(catalog.login)
        inherit = "" if catalog.inherits or options else f" ALTER ROLE {login} INHERIT;"
        return Obstacle(
            f"{table.name} belongs to {table.owner}, and {catalog.login} is not a member of that role with its rights",
            f"GRANT {quote(table.owner)} TO {login}{options};{inherit}",
        )
    if not table.may_index:
        return Obstacle(
            f"{catalog.login} may create nothing in the schema of {table.name}, where its index over org_id has to be",
            f"GRANT CREATE ON SCHEMA {quote(table.name.schema)} TO {quote(catalog.login)};",
        )
    return None


def _find_room(table: Table) -> Obstacle | None:
    if table.slots < MOST_COLUMNS or table.column(ORG_COLUMN):
        return None
    return Obstacle(
        f"{table.name} has had {MOST_COLUMNS:,} columns, dropped ones included: there is no room for org_id",
        f'route = "exempt" for {table.name}, or make it anew with fewer columns',
    )


def _find_column(table: Table) -> Obstacle | None:
    column = table.column(ORG_COLUMN)
    if column is None:
        return None
    name = table.name.sql.as_string(None)
    rename = f'ALTER TABLE {name} RENAME COLUMN org_id TO former_org_id; or route = "exempt" for {table.name}'
    if column.type != "uuid":
        return Obstacle(f"org_id of {table.name} is {column.type}, not uuid: it holds something else", rename)
    if column.generated:
        return Obstacle(f"org_id of {table.name} is a generated column: nothing can be written into it", rename)
    for key in table.foreign_keys:
        # With org_id on both sides it is a guard's own.
        if key.to != TableName(settings.TENANTRY_SCHEMA, "organizations") and (
            dict(zip(key.columns, key.to_columns, strict=True)).get(ORG_COLUMN, ORG_COLUMN) != ORG_COLUMN
        ):
            drop = f"ALTER TABLE {name} DROP CONSTRAINT {quote(key.name)};"
            sentence = f"org_id of {table.name} names rows of {key.to} ({key.name}), not organizations of Tenantry"
            return Obstacle(sentence, f"{rename}; or, where both are the same, {drop}")
    return None


def keeps_orgs(table: Table) -> Column | None:
    """Its org_id, if there is one whose values can stay."""
    column = table.column(ORG_COLUMN)
    return column if column and column.type == "uuid" and not column.generated else None
