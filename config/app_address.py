"""The addresses of the web processes' login on servers of one's own, kept between runs of `make run`."""

import hashlib
import json
import os
from pathlib import Path

import psycopg
from django.core.management import CommandError

from config.embedded.places import find_var, make_folder

LINE = "APP_DATABASE_URL="


def read_address(said: str) -> str:
    """Find the address in what `manage.py web_login` said."""
    return next(line.removeprefix(LINE) for line in said.splitlines() if line.startswith(LINE))


def recall_address(owner_url: str) -> str:
    """Return the address that was kept for this database, or nothing."""
    return read_kept().get(fingerprint(owner_url), "")


def keep_address(owner_url: str, address: str) -> None:
    """Keep the address beside those of other databases: its password is shown once, and the next run needs it."""
    make_folder(find_file().parent)
    kept = read_kept() | {fingerprint(owner_url): address}
    fresh = find_file().with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file)
    fresh.replace(find_file())


def read_kept() -> dict[str, str]:
    """Everything that was kept; nothing where the file is none of ours."""
    try:
        kept: dict[str, str] = dict(json.loads(find_file().read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        return {}
    return kept


def refuse_unusable(address: str) -> None:
    try:
        psycopg.connect(address, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        raise CommandError(
            f"The web login cannot sign in ({' '.join(str(error).split())}): set APP_DATABASE_URL to its address,"
            " or make a new password for it with manage.py web_login --new-password"
        ) from error


def find_file() -> Path:
    return find_var() / "app_database_url.json"


def fingerprint(owner_url: str) -> str:
    return hashlib.sha256(owner_url.encode()).hexdigest()
