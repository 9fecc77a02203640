"""Tenantry as `make run` starts it, on a database of its own, for pages that are typed as they stand."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql

from config.app_address import read_address
from tests.databases import ROOT, database_url, login_session, manage, scratch_database

READY_SECONDS = 90


@dataclass
class Walker:
    """Somebody at a terminal in the checkout, with the server running in another one."""

    folder: Path
    port: int
    environment: dict[str, str]

    def type(self, text: str) -> str:
        """Run blocks of a page in one shell, as they stand but for the port."""
        text = text.replace(":8000", f":{self.port}")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def find_blocks(page: str, heading: str, kind: str = "sh") -> str:
    """The blocks of a kind under a heading, up to the next one of its level or above."""
    text = (ROOT / page).read_text(encoding="utf-8")
    level = len(heading.split(" ")[0])
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    section = re.split(rf"\n#{{2,{level}}} ", rest)[0]
    return "\n".join(re.findall(rf"```{kind}\n(.*?)```", section, re.DOTALL))


def type_lines(lines: str, folder: Path, environment: dict[str, str]) -> str:
    """Blocks of a page in which `manage.py` stands for the checkout's, in a folder of one's own."""
    door = f'manage.py() {{ {ROOT}/.venv/bin/python {ROOT}/manage.py "$@"; }}\n'
    shell = ["bash", "-euo", "pipefail", "-c", door + lines]
    options: dict[str, Any] = {"cwd": folder, "env": environment, "capture_output": True, "text": True}
    done = subprocess.run(shell, **options, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@contextmanager
def served_demo(name: str, folder: Path) -> Iterator[Walker]:
    """The demo, answering on a port of its own."""
    with scratch_database(name) as database, web_login(database) as address:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(database),
            "APP_DATABASE_URL": address,
            "PORT": str(port),
            "TENANTRY_VAR": str(folder / "var"),
        }
        for name_of in ("manage.py", ".venv", "config"):
            (folder / name_of).symlink_to(ROOT / name_of)
        with running([sys.executable, "-m", "config.run"], environment, port):
            yield Walker(folder, port, environment)


@contextmanager
def web_login(database: str) -> Iterator[str]:
    """A login of web processes whose name no other database of this server uses."""
    name = f"{database}_web"[:63]
    assert manage("migrate", "-v0", database=database).returncode == 0
    made = manage("web_login", "--name", name, database=database)
    try:
        yield read_address(made.stdout)
    finally:
        connection.close()
        with login_session(database) as session:
            session.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(name)))


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_until_ready(process, port)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def wait_until_ready(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError("the server did not become ready")
