"""A PostgreSQL of a test's own, of the version that the suite runs on: it may be killed."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config.embedded.cluster import FORGETFUL
from config.embedded.places import runs_as_root
from config.embedded.programs import VERSION, find_account, find_programs
from tests.databases import login_dsn

OWNER = "create role tenantry login createrole createdb nosuperuser nobypassrls"
# Less than a whole log of changes loses the counts of sequences that were made in the same transaction.
LEFT_OUT = ("log_min_messages", "wal_level", "max_wal_senders", "full_page_writes")


@dataclass
class PrivateServer:
    """Its folder holds data, socket and log."""

    folder: Path
    programs: Path

    @property
    def url(self) -> str:
        return f"postgresql://tenantry@/tenantry?host={self.folder}"

    def run(self, *command: str) -> None:
        """PostgreSQL refuses to run as root."""
        account = find_account() if runs_as_root() else None
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, timeout=120, **user)  # type: ignore[call-overload]

    def make(self) -> None:
        data = str(self.folder / "data")
        self.run(str(self.programs / "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8")
        settings = {k: v for k, v in FORGETFUL.items() if k not in LEFT_OUT}
        # What was committed has to be there after a kill.
        settings |= {"synchronous_commit": "on", "listen_addresses": "", "unix_socket_directories": str(self.folder)}
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        (self.folder / "data" / "postgresql.auto.conf").write_text(lines, encoding="utf-8")
        self.start()
        with psycopg.connect(f"postgresql://postgres@/postgres?host={self.folder}", autocommit=True) as session:
            session.execute(OWNER)
            session.execute("create database tenantry owner tenantry")

    def start(self) -> None:
        self.run(
            str(self.programs / "pg_ctl"), "start", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-s"
        )

    def restart(self) -> None:
        """As soon as the killed one's children have gone: until then it does not start."""
        for _ in range(50):
            try:
                self.start()
            except subprocess.CalledProcessError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """kill -9 of the postmaster; its children notice."""
        os.kill(self.pid, signal.SIGKILL)

    @property
    def pid(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])


def programs_of_this_version() -> Path:
    with psycopg.connect(login_dsn("postgres")) as session:
        version = session.info.server_version // 10_000
    return find_programs() if version == VERSION else Path(f"/usr/lib/postgresql/{version}/bin")


@contextmanager
def private_server() -> Iterator[PrivateServer]:
    folder = Path(tempfile.mkdtemp(prefix="tenantry-killed-", dir="/tmp"))
    if runs_as_root():
        os.chown(folder, find_account().pw_uid, find_account().pw_gid)
    folder.chmod(0o755)
    server = PrivateServer(folder, programs_of_this_version())
    try:
        server.make()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            os.kill(server.pid, signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)
