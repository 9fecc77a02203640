"""NOT NULL and the key to organizations, without a scan that anybody has to wait for."""

from functools import partial
from typing import Any

from postgres.names import quote
from tenants.clinic.catalog import TABLES, constraint_stands, fetch_all
from tenants.patient import run_patiently

NEEDED = {
    "dsos": ("org_id", "name", "created_at", "updated_at"),
    "doctors": ("org_id", "dso_id", "name", "created_at", "updated_at"),
    "user_dso_access": ("org_id", "user_id", "dso_id", "created_at", "updated_at", "granted_at"),
}


def require_org(apps: Any, schema_editor: Any) -> None:
    """Per table: the key NOT VALID, then checked; a CHECK, validated, that lets SET NOT NULL skip its scan."""
    for table in TABLES:
        for step in (_add_key, validate_keys_of, _add_check, _validate_check, _set_not_null):
            run_patiently(partial(step, table), what=f"{step.__name__} of {table}", tables=2)


def allow_no_org(apps: Any, schema_editor: Any) -> None:
    """The old form knew no organization; its other columns keep their NOT NULL, which hinders nobody."""
    for table in reversed(TABLES):
        run_patiently(partial(_release_org, table), what=f"letting go the org of {table}", tables=2)


def _key(table: str) -> str:
    return f"fk_{table}_org_id"


def _add_key(table: str, editor: Any) -> None:
    if not constraint_stands(table, _key(table)):
        editor.execute(
            f"alter table {quote(table)} add constraint {quote(_key(table))} foreign key (org_id)"
            " references organizations (id) on delete cascade not valid",
            params=None,
        )


def validate_keys_of(table: str, editor: Any) -> None:
    """This one, and those to users that an adoption left unchecked."""
    for (name,) in fetch_all(
        "select conname from pg_catalog.pg_constraint where conrelid = to_regclass(%s) and contype = 'f'"
        " and not convalidated",
        table,
    ):
        editor.execute(f"alter table {quote(table)} validate constraint {quote(name)}", params=None)


def _open_columns(table: str) -> list[str]:
    return [
        row[0]
        for row in fetch_all(
            "select attname from pg_catalog.pg_attribute where attrelid = to_regclass(%s) and attname = any(%s)"
            " and not attnotnull",
            table,
            list(NEEDED[table]),
        )
    ]


def _check(table: str) -> str:
    return f"{table}_filled"


def _add_check(table: str, editor: Any) -> None:
    columns = _open_columns(table)
    if columns and not constraint_stands(table, _check(table)):
        filled = " and ".join(f"{quote(column)} is not null" for column in columns)
        editor.execute(
            f"alter table {quote(table)} add constraint {quote(_check(table))} check ({filled}) not valid", params=None
        )


def _validate_check(table: str, editor: Any) -> None:
    if constraint_stands(table, _check(table)):
        editor.execute(f"alter table {quote(table)} validate constraint {quote(_check(table))}", params=None)


def _set_not_null(table: str, editor: Any) -> None:
    # One message and one transaction: SET NOT NULL believes the CHECK that is still there.
    changes = [f"alter column {quote(column)} set not null" for column in _open_columns(table)]
    changes.append(f"drop constraint if exists {quote(_check(table))}")
    editor.execute(";\n".join(f"alter table {quote(table)} {change}" for change in changes), params=None)


def _release_org(table: str, editor: Any) -> None:
    changes = [f"drop constraint if exists {quote(_key(table))}", "alter column org_id drop not null"]
    editor.execute(";\n".join(f"alter table {quote(table)} {change}" for change in changes), params=None)
