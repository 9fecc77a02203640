"""The demo's old database: schema `legacy`, a call-centre application from before organizations, to be converted."""

from pathlib import Path

from config.demo.old_databases import make_schema, schema_stands

FOLDER = Path(__file__).parent
# Tables, then rows, in the order of their foreign keys.
FILES = ("people", "reference", "calls", "campaigns", "knowledge", "billing", "rows_people", "rows_work", "rows_rest")


def legacy_stands() -> bool:
    return schema_stands("legacy")


def build_legacy() -> None:
    make_schema(FOLDER, FILES)
