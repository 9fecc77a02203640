"""SQL objects live in `<app>/sql/<object>.sql`, one each; migrations install them, and drift can be shown."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory

from postgres.names import fill

HEADER = re.compile(r"\A-- (?P<purpose>.+)\n(?:-- (?!object:).*\n)*-- object: (?P<identity>.+)\n")
BODY = re.compile(r"\bas (\$\w*\$)(?P<body>.*?)\1", re.DOTALL)


class MalformedObject(Exception):
    """A SQL file that does not begin with its purpose and its identity."""


@dataclass(frozen=True)
class SqlObject:
    """One function, trigger, table, view or schema, as its file says."""

    app: str
    name: str
    text: str
    purpose: str
    identity: str

    def create_sql(self) -> str:
        return fill(self.text)

    def drop_sql(self) -> str:
        kind, _, rest = self.identity.partition(" ")
        return fill(f"drop {kind} if exists {rest}")

    def body(self) -> str | None:
        """A function's body, which PostgreSQL keeps to the letter in pg_proc.prosrc."""
        match = BODY.search(self.create_sql())
        return match["body"] if match else None


def sql_folder(app: str) -> Path:
    """The folder of an app's SQL files."""
    return Path(str(importlib.import_module(app).__file__)).parent / "sql"


def read_object(app: str, name: str) -> SqlObject:
    """Read `<app>/sql/<name>.sql`: a sentence of purpose, the object's identity, then its statements."""
    path = sql_folder(app) / f"{name}.sql"
    text = path.read_text(encoding="utf-8")
    match = HEADER.match(text)
    if not match:
        raise MalformedObject(f"{app}/sql/{name}.sql must begin with `-- purpose` and `-- object: <kind> <identity>`")
    return SqlObject(app, name, text, match["purpose"], match["identity"])


def all_objects() -> Iterator[SqlObject]:
    """Every SQL object of our apps."""
    for app in settings.TENANTRY_APPS:
        for path in sorted(sql_folder(app).glob("*.sql")):
            yield read_object(app, path.stem)


class InstallSql(Operation):
    """Create SQL objects from their files; reversed, drop them in the opposite order."""

    reduces_to_sql = True
    reversible = True
    category = OperationCategory.SQL

    def __init__(self, app: str, objects: list[str]) -> None:
        self.app = app
        self.objects = objects

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.app, self.objects], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """SQL objects are no part of the models' state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for name in self.objects:
            schema_editor.execute(read_object(self.app, name).create_sql(), params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for name in reversed(self.objects):
            schema_editor.execute(read_object(self.app, name).drop_sql(), params=None)

    def describe(self) -> str:
        return f"Install SQL objects of {self.app}: {', '.join(self.objects)}"


class ReplaceSql(InstallSql):
    """Install objects whose files changed; the older text is not kept, so reversing leaves the newer one."""

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """An older version of a file cannot be had from here; `create or replace` wins again on the way forward."""
