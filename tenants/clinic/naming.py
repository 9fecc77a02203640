"""The stored beginnings of clinic names, which searches read; these tables may be large and in use."""

from typing import Any

from tenants.guarded_fill import fill_kept_column, forget_fill

COLUMN = "name_lower"
KEEPER = "zz_keep_name_lower"
# Parents before children.
NAMED = ("dsos", "doctors")


def job_name(table: str) -> str:
    return f"tenants.name_lower_backfill.{table}"


def fill_names(apps: Any, schema_editor: Any) -> None:
    """Rows from before the trigger; those written since have it."""
    for table in NAMED:
        fill_kept_column(table, COLUMN, key=("org_id", "id"), keeper=KEEPER, job=job_name(table))


def forget_names(apps: Any, schema_editor: Any) -> None:
    for table in reversed(NAMED):
        forget_fill(table, job=job_name(table))
