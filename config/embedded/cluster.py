"""One embedded cluster: made when missing and launched."""

import contextlib
import os
import shutil
import stat
import time
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.errors import EmbeddedError
from config.embedded.places import (
    DATABASE,
    OWNER_LOGIN,
    PORT,
    SUPERUSER,
    Place,
    build_url,
    make_folder,
    runs_as_root,
)
from config.embedded.processes import find_processes, halt
from config.embedded.programs import VERSION, find_account, find_programs, run_program

START_SECONDS = 60
ANSWER_SECONDS = 20
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}
# For data that nobody would miss: no waiting for the disk, and no log of the errors that tests provoke.
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "5min",
    "log_min_messages": "fatal",
}


def answers(place: Place) -> bool:
    """Tell whether the server takes connections and has our login and database."""
    if not (place.sockets / f".s.PGSQL.{PORT}").exists():
        return False
    try:
        psycopg.connect(build_url(place, OWNER_LOGIN), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def count_clients(place: Place) -> int:
    """Count who else is connected; nobody when the server does not answer."""
    clients = "SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'"
    try:
        with psycopg.connect(build_url(place, SUPERUSER, SUPERUSER), connect_timeout=5) as connection:
            row = connection.execute(clients).fetchone()
    except psycopg.OperationalError:
        return 0
    return int(row[0]) if row else 0


def launch(place: Place, *, durable: bool) -> None:
    """Bring the server up; the caller holds the lock."""
    if find_processes(place) and wait_for_answer(place):
        make_login(place)
        return
    halt(place)
    programs = find_programs()
    prepare_folders(place)
    if not (place.data / "PG_VERSION").exists():
        make_cluster(place, programs)
    refuse_other_version(place)
    write_settings(place, durable=durable)
    remove_stale_locks(place)
    arguments = ["-D", str(place.data), "-l", str(place.log), "-w", "-t", str(START_SECONDS), "-s"]
    try:
        run_program(programs, "pg_ctl", "start", *arguments, timeout=START_SECONDS + 10)
    except EmbeddedError as error:
        raise EmbeddedError(f"{error} The reason is at the end of {place.log}.") from error
    make_login(place)


def wait_for_answer(place: Place) -> bool:
    """Wait for a server that is on its way up, or has no connection left for us; false when it goes away."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline and find_processes(place):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(build_url(place, SUPERUSER, SUPERUSER), connect_timeout=5).close()
            return True
        time.sleep(0.2)
    return False


def prepare_folders(place: Place) -> None:
    """Make the folders of a server, its own ones private."""
    make_folder(place.locks)
    make_folder(place.home.parent)
    for folder in {place.home, place.sockets}:
        make_private(folder)
    if place.sockets != place.home:
        (place.locks / f"{place.name}.sockets").write_text(f"{place.sockets}\n", encoding="utf-8")


def make_private(folder: Path) -> None:
    """Make a folder that only the server's account enters: whoever reaches the socket is trusted."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = find_account().pw_uid if runs_as_root() else os.geteuid()
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (owner, os.geteuid()):
        raise EmbeddedError(f"{folder} belongs to somebody else: remove it, or set TENANTRY_VAR elsewhere.")
    folder.chmod(0o700)
    if runs_as_root():
        os.chown(folder, owner, find_account().pw_gid)


def make_cluster(place: Place, programs: Path) -> None:
    """Run initdb beside the final place, so that an interrupted one leaves nothing half made."""
    fresh = place.home / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = [f"--username={SUPERUSER}", "--auth-local=trust", "--auth-host=reject"]
    run_program(programs, "initdb", "-D", str(fresh), "--no-sync", *locale, *access)
    fresh.rename(place.data)


def refuse_other_version(place: Place) -> None:
    found = (place.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if found != str(VERSION):
        raise EmbeddedError(
            f"{place.data} was made by PostgreSQL {found} and the embedded one is {VERSION}: "
            "save what you need, then type `make reset`."
        )


def write_settings(place: Place, *, durable: bool) -> None:
    """Write the settings anew before every launch, because the checkout may have moved."""
    folder = str(place.sockets).replace('"', '""')
    settings = SETTINGS | ({} if durable else FORGETFUL) | {"unix_socket_directories": f'"{folder}"'}
    quoted = {name: value.replace("'", "''") for name, value in settings.items()}
    lines = [f"{name} = '{value}'\n" for name, value in quoted.items()]
    (place.data / "postgresql.auto.conf").write_text("".join(lines), encoding="utf-8")


def remove_stale_locks(place: Place) -> None:
    """Remove what a killed server left: its number may belong to a stranger, or to a zombie nobody reaps."""
    socket = place.sockets / f".s.PGSQL.{PORT}"
    for path in (place.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
        path.unlink(missing_ok=True)


def make_login(place: Place) -> None:
    """Make the owning login, which is no superuser and cannot bypass row-level security, and its database."""
    login, database = sql.Identifier(OWNER_LOGIN), sql.Identifier(DATABASE)
    with psycopg.connect(build_url(place, SUPERUSER, SUPERUSER), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER_LOGIN]).fetchone():
            rights = sql.SQL("LOGIN CREATEROLE CREATEDB NOSUPERUSER NOBYPASSRLS")
            connection.execute(sql.SQL("CREATE ROLE {} {}").format(login, rights))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, login))
