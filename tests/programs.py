"""PostgreSQL's own programs (pg_dump, initdb), of the release that the suite's server is of."""

import os
from pathlib import Path

import psycopg

from config.embedded.programs import VERSION, find_programs
from tests.databases import login_dsn


def find_server_programs() -> Path:
    """Of its own release: an older pg_dump refuses a server, and a newer pg_restore sets what it lacks."""
    with psycopg.connect(login_dsn("postgres")) as session:
        major = session.info.server_version // 10_000
    named = os.environ.get("PG_PROGRAMS")
    if not named and major == VERSION:
        return find_programs()
    # Where Debian has them; .ci/postgres15.sh looks in the same two places.
    folder = Path(named or f"/usr/lib/postgresql/{major}/bin")
    assert (folder / "pg_dump").exists(), (
        f"No pg_dump in {folder}: set PG_PROGRAMS to the programs of PostgreSQL {major}"
    )
    return folder
