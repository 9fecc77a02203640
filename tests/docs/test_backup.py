"""The backup of docs/operations.md, typed as it stands: dumped and restored by the owning login, nothing is missing."""

import os
from pathlib import Path

import pytest
from psycopg import sql

from tests.databases import database_url, drop_database, login_session, manage, read_contents, scratch_database
from tests.docs.serving import find_blocks, type_lines, web_login
from tests.programs import find_server_programs


@pytest.mark.django_db(transaction=True)
def test_a_dump_is_restored_by_the_owning_login_with_every_row(tmp_path: Path) -> None:
    programs = find_server_programs()
    with (
        scratch_database("dumped") as database,
        scratch_database("restored") as restored,
        web_login(restored) as address,
    ):
        for command in ("migrate", "demo", "maintain"):
            assert manage(command, database=database).returncode == 0
        empty(restored)
        lines = find_blocks("docs/operations.md", "## Backups").replace("tenantry_restored", restored)
        environment = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "DATABASE_URL": database_url(database),
            "RESTORED": database_url(restored),
            "APP_DATABASE_URL": address,
        }
        said = type_lines(lines, tmp_path, environment)
        contents = read_contents(database)
        assert sum(rows for rows, _ in contents.values()) > 10_000
        assert contents == read_contents(restored)
        assert " chains, whole." in said


def empty(database: str) -> None:
    """The login's database before anything is restored into it."""
    drop_database(database)
    with login_session("postgres") as session:
        session.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
