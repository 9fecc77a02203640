"""Python and psql under a person's claims, in one transaction that is undone unless somebody says otherwise."""

import code
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

from django.apps import apps
from django.core.management import CommandError
from django.db import connection, transaction
from psycopg import sql

from accounts.models import User
from audit.claims import sign_ticket
from config.embedded import EmbeddedError
from config.embedded.programs import find_programs
from postgres.roles import API
from tenants.models import Organization


class ScopedConsole(code.InteractiveConsole):
    """Every input in a savepoint of its own: a refused statement does not end the session."""

    def runcode(self, code: CodeType) -> None:
        try:
            with transaction.atomic():
                exec(code, self.locals)  # noqa: S102 - this is what a shell is for
        except SystemExit:
            raise
        except BaseException:
            self.showtraceback()


def build_names(**more: Any) -> dict[str, Any]:
    """What a session begins with: every model of ours by its name."""
    ours = [m for m in apps.get_models() if m._meta.app_label in ("accounts", "tenants", "audit")]
    return {"connection": connection, **{m.__name__: m for m in ours}, **more}


def run_python(source: str | None, names: dict[str, Any], banner: str) -> None:
    """Run one piece of code, or talk."""
    if source is None:
        ScopedConsole(names).interact(banner=banner, exitmsg="")
    else:
        exec(compile(source, "-c", "exec"), names)  # noqa: S102 - this is what -c is for


def find_psql() -> str:
    """The one on the PATH, else the embedded server's."""
    found = shutil.which("psql")
    if found:
        return found
    try:
        return str(find_programs() / "psql")
    except EmbeddedError as error:
        raise CommandError("There is no psql here: install postgresql-client, or leave --psql out.") from error


def opening_statements(user: User, org: Organization) -> str:
    """The session's role first, so that after the transaction psql is nobody rather than the owner."""
    ticket = sign_ticket({"sub": str(user.pk), "org_id": str(org.pk), "surface": "api"})
    entering = sql.SQL("select private.enter_scope({})").format(sql.Literal(ticket)).as_string(connection.connection)
    return f"\\set QUIET 1\nset role {API};\nbegin;\n{entering} \\g /dev/null\n\\unset QUIET\n"


@contextmanager
def private_file(text: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tenantry-") as folder:
        path = Path(folder) / "opening.sql"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        yield path


def psql_environment() -> dict[str, str]:
    """What lets psql in where this process came in: the place, the login, and how it proves itself."""
    info = connection.connection.info
    _, proofs = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    place = {"PGHOST": info.host, "PGPORT": str(info.port), "PGUSER": info.user, "PGDATABASE": info.dbname}
    return {**(proofs or {}), **place}


def run_psql(user: User, org: Organization, statements: str | None, *, commit: bool) -> int:
    """One session of psql, with the transaction open and the person in scope; its exit status."""
    with private_file(opening_statements(user, org)) as opening:
        environment = {**os.environ, **psql_environment()}
        if statements is None:
            arguments = [find_psql(), "-v", "ON_ERROR_ROLLBACK=interactive"]
            environment["PSQLRC"] = str(opening)
        else:
            end = "commit" if commit else "rollback"
            arguments = [find_psql(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(opening), "-c", statements]
            arguments += ["-c", end]
        return subprocess.run(arguments, env=environment, check=False).returncode  # noqa: S603 - psql of this machine
