"""Write the SQL of every migration of our own apps into a folder, one file each.

usage: python .ci/migration_sql.py FOLDER
"""

import io
import os
import sys
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    folder = Path(sys.argv[1])
    for app, name in find_migrations():
        said = io.StringIO()
        call_command("sqlmigrate", app, name, stdout=said, no_color=True)
        (folder / f"{app}.{name}.sql").write_text(said.getvalue(), encoding="utf-8")


def find_migrations() -> list[tuple[str, str]]:
    ours = {config.label for config in apps.get_app_configs() if is_ours(Path(config.path))}
    return sorted(key for key in MigrationLoader(connection).disk_migrations if key[0] in ours)


def is_ours(folder: Path) -> bool:
    return folder.is_relative_to(ROOT) and not folder.is_relative_to(ROOT / ".venv")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
