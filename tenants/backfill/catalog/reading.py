"""Reading the catalog: a fixed number of queries, whatever the number of tables."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from postgres.names import bound_name
from tenants.backfill.catalog.model import Catalog, Column, ForeignKey, Index, Key, Policy, Table, Trigger
from tenants.backfill.names import TableName, write_name

FOLDER = Path(__file__).parent / "sql"
ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
EVENTS = {4: "insert", 8: "delete", 16: "update", 32: "truncate"}
ROW, BEFORE = 1, 2
OUR_POLICIES = "tenantry_"
# For a table that was never analyzed.
USUAL_WIDTH = 100
Row = dict[str, Any]


class CatalogRefused(Exception):
    """Schemas that cannot be converted; the sentence says which and what to type instead."""


def read_catalog(cursor: Any, schemas: Iterable[str], *, context: Iterable[TableName] = ()) -> Catalog:
    """Read the tables of these schemas with everything that a conversion has to know of them.

    `context` names tables of other schemas that are wanted too.
    """
    names, more = tuple(dict.fromkeys(schemas)), list(context)
    server = _ask(cursor, "server", schemas=list(names))[0]
    refuse_schemas(names, server["schemas"])
    rows = _ask(
        cursor,
        "tables",
        schemas=list(names),
        more_schemas=[name.schema for name in more],
        more_tables=[name.table for name in more],
    )
    tables = _add_parts(cursor, [_make_table(row) for row in rows])
    roles = {table.owner for table in tables} | {role for table in tables for role in table.grants}
    logins = {row["name"]: row["passes"] for row in _ask(cursor, "roles", roles=sorted(roles))}
    found = _add_partitions({table.name: table for table in tables})
    taken = _find_taken(cursor, found)
    return Catalog(names, found, server["login"], server["version"], server["inherits"], taken, logins)


def refuse_schemas(names: Sequence[str], existing: Iterable[str]) -> None:
    """Say why some of these schemas are not to be converted, if so."""
    ours = {settings.TENANTRY_SCHEMA, "private"}
    for name in names:
        if name in ours:
            raise CatalogRefused(
                f"schema {write_name(name)} is Tenantry's own: its tables have their organization already."
                f" Name the schema of the application that is to be converted; type: manage.py backfill_org_ids"
                f" discover --schema SCHEMA --plan conversion.toml"
            )
        if name.startswith("pg_") or name == "information_schema":
            raise CatalogRefused(f"schema {write_name(name)} is PostgreSQL's own; name an application's; type: \\dn")
        if name not in existing:
            raise CatalogRefused(
                f"there is no schema {write_name(name)} in this database (or its name is written differently); type:"
                " \\dn in psql to see those there are"
            )


def _ask(cursor: Any, name: str, **parameters: Any) -> list[Row]:
    cursor.execute((FOLDER / f"{name}.sql").read_text(encoding="utf-8"), parameters)
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _find_taken(cursor: Any, tables: dict[TableName, Table]) -> frozenset[TableName]:
    """Of the names that indexes over org_id will have."""
    wanted = [TableName(name.schema, bound_name(f"idx_{name.table}_org_id")) for name in tables]
    rows = _ask(cursor, "taken", schemas=[name.schema for name in wanted], names=[name.table for name in wanted])
    return frozenset(TableName(row["schema"], row["name"]) for row in rows)


def _make_table(row: Row) -> Table:
    parent = TableName(row.pop("parent_schema") or "", row.pop("parent_name") or "")
    name, options = TableName(row.pop("schema"), row.pop("name")), row.pop("options")
    rows, constraints, rules = row.pop("rows"), row.pop("constraints"), row.pop("update_rules")
    return Table(
        name=name,
        constraints=tuple(constraints),
        update_rules=tuple(rules),
        rows=rows if rows >= 0 else row["bytes"] // USUAL_WIDTH,
        partition_of=parent if parent.table else None,
        options=dict(option.split("=", 1) for option in options),
        **row,
    )


def _add_parts(cursor: Any, tables: list[Table]) -> list[Table]:
    oids = [table.oid for table in tables]

    def group(name: str) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        for row in _ask(cursor, name, oids=oids):
            found[row.pop("oid")].append(row)
        return found

    columns, indexes, keys = group("columns"), group("indexes"), group("foreign_keys")
    triggers, policies, grants, readers = group("triggers"), group("policies"), group("grants"), group("dependents")
    return [
        replace(
            table,
            columns=tuple(Column(**row) for row in columns[table.oid]),
            keys=tuple(_make_key(row) for row in indexes[table.oid] if row["is_key"]),
            indexes=tuple(_make_index(row) for row in indexes[table.oid]),
            foreign_keys=tuple(_make_foreign_key(row) for row in keys[table.oid]),
            triggers=tuple(_make_trigger(row) for row in triggers[table.oid]),
            policies=tuple(_make_policy(row) for row in policies[table.oid]),
            grants={row["role"]: tuple(row["privileges"]) for row in grants[table.oid]},
            dependents=tuple(str(TableName(row["schema"], row["name"])) for row in readers[table.oid]),
        )
        for table in tables
    ]


def _make_key(row: Row) -> Key:
    return Key(row["name"], tuple(row["columns"]), row["primary"], row["not_null"], row["immediate"])


def _make_index(row: Row) -> Index:
    return Index(row["name"], row["definition"], tuple(row["columns"]), row["valid"], row["unique"])


def _make_foreign_key(row: Row) -> ForeignKey:
    return ForeignKey(
        name=row["name"],
        columns=tuple(row["columns"]),
        to=TableName(row["to_schema"], row["to_name"]),
        to_columns=tuple(row["to_columns"]),
        definition=row["definition"],
        on_delete=ACTIONS[row["on_delete"]],
        on_update=ACTIONS[row["on_update"]],
        validated=row["validated"],
        deferrable=row["deferrable"],
    )


def _make_trigger(row: Row) -> Trigger:
    bits, schema = row.pop("bits"), row.pop("function_schema")
    return Trigger(
        **row,
        row=bool(bits & ROW),
        before=bool(bits & BEFORE),
        events=tuple(name for bit, name in EVENTS.items() if bits & bit),
        ours=schema in (settings.TENANTRY_SCHEMA, "private"),
    )


def _make_policy(row: Row) -> Policy:
    return Policy(**{**row, "roles": tuple(row["roles"])}, ours=row["name"].startswith(OUR_POLICIES))


def _add_partitions(tables: dict[TableName, Table]) -> dict[TableName, Table]:
    """Tell each partitioned table its partitions, and how much they hold together."""
    below: dict[TableName, list[Table]] = defaultdict(list)
    for table in tables.values():
        parent = table.partition_of
        while parent in tables:
            below[parent].append(table)
            parent = tables[parent].partition_of
    return {
        name: replace(
            table,
            partitions=tuple(part.name for part in below[name]),
            rows=sum(part.rows for part in below[name] if part.kind != "partitioned"),
            bytes=sum(part.bytes for part in below[name]),
        )
        if table.kind == "partitioned"
        else table
        for name, table in tables.items()
    }
