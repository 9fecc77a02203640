"""A PostgreSQL of a test's own, of the version that the suite runs on: it may be killed."""

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from config.embedded.cluster import FORGETFUL
from config.embedded.places import runs_as_root
from config.embedded.programs import find_account
from tests.databases import manage
from tests.faults.ground import PASSWORD, Ground
from tests.programs import find_server_programs

OWNER = "create role tenantry login createrole createdb nosuperuser nobypassrls"
PAGE = 8192
# Of a page that no longer fits a part is written, as on a full disk.
PART_OF_A_PAGE = 100
# Less than a whole log of changes loses the counts of sequences that were made in the same transaction.
LEFT_OUT = ("log_min_messages", "wal_level", "max_wal_senders", "full_page_writes")


@dataclass
class PrivateServer:
    """Its folder holds data, socket and log."""

    folder: Path
    programs: Path
    wal_segment_mb: int = 16

    @property
    def url(self) -> str:
        return f"postgresql://tenantry@/tenantry?host={self.folder}"

    def run(self, *command: str, longest_file: int = 0) -> None:
        """PostgreSQL refuses to run as root."""
        account = find_account() if runs_as_root() else None
        how: dict[str, Any] = {"cwd": self.folder, "timeout": 120, "check": True, "capture_output": True}
        if account:
            how |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        if longest_file:
            how["preexec_fn"] = partial(shorten_files, longest_file)
        subprocess.run(command, **how)

    def make(self) -> None:
        data = str(self.folder / "data")
        how = ("-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", f"--wal-segsize={self.wal_segment_mb}")
        self.run(str(self.programs / "initdb"), "-D", data, *how)
        settings = {k: v for k, v in FORGETFUL.items() if k not in LEFT_OUT}
        # What was committed has to be there after a kill.
        settings |= {"synchronous_commit": "on", "listen_addresses": "", "unix_socket_directories": str(self.folder)}
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        (self.folder / "data" / "postgresql.auto.conf").write_text(lines, encoding="utf-8")
        self.start()
        with psycopg.connect(f"postgresql://postgres@/postgres?host={self.folder}", autocommit=True) as session:
            session.execute(OWNER)
            session.execute("create database tenantry owner tenantry")

    def start(self, longest_file: int = 0) -> None:
        where = ("-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-s")
        self.run(str(self.programs / "pg_ctl"), "start", *where, longest_file=longest_file)

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

    @contextmanager
    def full(self, longest_file: int) -> Iterator[None]:
        """Started anew so that no file grows beyond a length: a disk that is full, without any privilege."""
        self.stop()
        self.start(longest_file)
        try:
            yield
        finally:
            self.stop()
            self.start()

    @contextmanager
    def short_of_log(self, room: int) -> Iterator[None]:
        """Started anew with so many bytes left in the log of changes: then the server dies, and stays dead."""
        self.ask_as_superuser("select pg_switch_wal()")
        self.stop()
        self.start(self.wal_segment - PAGE + PART_OF_A_PAGE)
        used = self.ask_as_superuser("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')") % self.wal_segment
        filler = int(self.wal_segment - PAGE - used - room)
        assert filler > 0
        self.ask_as_superuser("select pg_logical_emit_message(false, 'filler', repeat('x', %s))", [filler])
        try:
            yield
        finally:
            with suppress(FileNotFoundError, ProcessLookupError):
                self.kill()
            self.restart()

    @property
    def wal_segment(self) -> int:
        return self.wal_segment_mb << 20

    def ask_as_superuser(self, question: str, values: Sequence[Any] = ()) -> Any:
        with psycopg.connect(f"postgresql://postgres@/tenantry?host={self.folder}", autocommit=True) as session:
            answer = session.execute(question, values).fetchone()
        return answer[0] if answer else None

    def stop(self) -> None:
        self.run(str(self.programs / "pg_ctl"), "stop", "-D", f"{self.folder}/data", "-m", "fast", "-w", "-s")

    def kill(self) -> None:
        """kill -9 of the postmaster; its children notice."""
        os.kill(self.pid, signal.SIGKILL)

    @property
    def pid(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])


def shorten_files(longest: int) -> None:
    """In a process about to become another: the hard limit stays, as nobody may raise it again."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@contextmanager
def private_server(wal_segment_mb: int = 16) -> Iterator[PrivateServer]:
    folder = Path(tempfile.mkdtemp(prefix="tenantry-killed-", dir="/tmp"))
    if runs_as_root():
        os.chown(folder, find_account().pw_uid, find_account().pw_gid)
    folder.chmod(0o755)
    server = PrivateServer(folder, find_server_programs(), wal_segment_mb)
    try:
        server.make()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            os.kill(server.pid, signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def django_on_server(server: PrivateServer, folder: Path) -> Iterator[Ground]:
    """Django's connection stands on the private server meanwhile, migrated and with the roles of an old application."""
    before = dict(connection.settings_dict)
    connection.close()
    place = {"NAME": "tenantry", "USER": "tenantry", "PASSWORD": "", "HOST": str(server.folder), "PORT": ""}
    options = {key: value for key, value in before["OPTIONS"].items() if key != "host"}
    connection.settings_dict.update({**place, "OPTIONS": options})
    try:
        done = manage("migrate", database="tenantry")
        assert done.returncode == 0, done.stderr
        ground = Ground("tenantry", folder, "old")
        ground.run(
            f"create role old_owner; create role old_app login password '{PASSWORD}'; grant old_owner to session_user"
        )
        yield ground
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)
