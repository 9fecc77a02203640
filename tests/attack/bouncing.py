"""Debian's pgbouncer in transaction mode, in front of the test database."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
# `make test` asks for nothing but Python; .ci/run installs pgbouncer, and fails when a test is skipped.
needs_pgbouncer = pytest.mark.skipif(not PROGRAM, reason="there is no pgbouncer here: apt-get install pgbouncer")
PORT = 6432
SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
pool_mode = transaction
default_pool_size = 3
max_client_conn = 100
listen_addr =
listen_port = {own_port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users.txt
logfile = {folder}/log
"""


def account_for(host: str) -> dict[str, Any]:
    """Pgbouncer refuses root: run it as whoever owns the server's socket folder, who may enter it."""
    if os.geteuid() != 0:
        return {}
    status = os.stat(host) if host.startswith("/") else None
    number = status.st_uid if status and status.st_uid else 65534
    return {"user": number, "group": number if not status else status.st_gid, "extra_groups": []}


@contextmanager
def pgbouncer(url: str) -> Iterator[str]:
    """Run one, and give the address of the same database through it."""
    assert PROGRAM
    place = {k: str(v) for k, v in conninfo_to_dict(url).items()}
    folder = Path(tempfile.mkdtemp(prefix="tnb"))
    account = account_for(place["host"])
    values = {"host": place["host"], "port": place.get("port", "5432"), "own_port": PORT, "folder": folder}
    (folder / "bouncer.ini").write_text(SETTINGS.format(**values))
    (folder / "users.txt").write_text(f'"{place["user"]}" "{place.get("password", "")}"\n')
    if account:
        for path in (folder, *folder.iterdir()):
            os.chown(path, account["user"], account["group"])
    process = subprocess.Popen([PROGRAM, "-q", str(folder / "bouncer.ini")], stderr=subprocess.DEVNULL, **account)
    address = f"postgresql://{place['user']}@/{place['dbname']}?{urlencode({'host': str(folder), 'port': PORT})}"
    try:
        wait_for(address, folder)
        yield address
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(address: str, folder: Path) -> None:
    for _ in range(100):
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    log = folder / "log"
    raise AssertionError(f"pgbouncer does not answer: {log.read_text() if log.exists() else 'no log'}")
