"""An app that nobody prepared Tenantry for: written to a folder, and driven by the real `manage.py`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.catalog import describe_table
from tests.databases import ROOT, database_url, owner_session

HEAD = '''
"""A scratch app."""

from django.db import models

from tenants.fields import OrgForeignKey
from tenants.models import OrgModel, Organization, Store, Workspace
'''
SETTINGS = """
from config.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "scratch"]
"""


class ScratchApp:
    """The folder of the app, the database it is migrated on, and what is asked of both."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.app = folder / "scratch"
        self.app.mkdir(parents=True)
        (self.app / "__init__.py").touch()
        self.write_settings("")
        self.write_models("")

    def write_settings(self, more: str) -> None:
        (self.folder / "scratch_settings.py").write_text(SETTINGS + dedent(more))

    def write_models(self, text: str) -> None:
        (self.app / "models.py").write_text(HEAD + dedent(text))

    def forget_migrations(self) -> None:
        shutil.rmtree(self.app / "migrations", ignore_errors=True)

    def run(self, *arguments: str, answers: str = "") -> subprocess.CompletedProcess[str]:
        variables = os.environ | {
            "DATABASE_URL": database_url(self.database),
            "DJANGO_SETTINGS_MODULE": "scratch_settings",
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT)]),
            # A module rewritten within a second would be taken from its cache.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            capture_output=True,
            text=True,
            env=variables,
            input=answers,
            check=False,
            timeout=120,
        )

    def must_run(self, *arguments: str, answers: str = "") -> str:
        done = self.run(*arguments, answers=answers)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def take_step(self, models: str, *, answers: str = "") -> str:
        """New models, `makemigrations`, `migrate`; return the text of the migration that was written."""
        self.write_models(models)
        self.must_run("makemigrations", "scratch", answers=answers)
        self.must_run("migrate", "-v0")
        return sorted((self.app / "migrations").glob("0*.py"))[-1].read_text()

    def describe(self, *tables: str) -> dict[str, dict[str, set[tuple[Any, ...]]]]:
        with owner_session(self.database) as session:
            return {table: describe_table(session, table) for table in tables}
