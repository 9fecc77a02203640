"""A crowd of clients of eight organizations through pgbouncer, killed in between: no row crosses, none is lost."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.attack.bouncing import needs_pgbouncer, pgbouncer
from tests.databases import ROOT, database_url, owner_session, scratch_database
from tests.docs.serving import wait_until_ready, web_login

ORGS = 8
# So many times a client goes through its requests; another takes its place, with a token that is younger.
TURNS = 100
PASSWORD = "a long and private sentence"
SEED = os.environ.get("TENANTRY_SEED", "5")
pytestmark = [pytest.mark.django_db, needs_pgbouncer]
ROWS = "select c.id::text, c.name, o.slug from customers c join organizations o on o.id = c.org_id"


class Crowd:
    """The clients that run now, and what all of them saw."""

    def __init__(self, port: int, people: list[dict[str, str]]) -> None:
        self.port, self.people = port, people
        self.running: list[subprocess.Popen[str]] = []
        self.listeners: list[threading.Thread] = []
        self.counts: Counter[str] = Counter()
        self.crossings: list[Any] = []
        self.errors: list[Any] = []
        self.made: list[str] = []

    def start_one(self) -> None:
        """A process with a thread for each organization."""
        client = subprocess.Popen(
            [sys.executable, "-m", "tests.attack.crowd_client"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert client.stdin
        client.stdin.write(json.dumps({"port": self.port, "people": self.people, "turns": TURNS}))
        client.stdin.close()
        listener = threading.Thread(target=self.listen, args=[client])
        listener.start()
        self.running.append(client)
        self.listeners.append(listener)

    def listen(self, client: subprocess.Popen[str]) -> None:
        for line in client.stdout or []:
            if not line.endswith("\n"):
                return
            seen = json.loads(line)
            self.counts += Counter(asked=seen["asked"], cut=seen["cut"])
            self.crossings += seen["crossings"]
            self.errors += seen["errors"]
            self.made += seen["made"]

    def keep_up(self, size: int) -> None:
        self.running = [c for c in self.running if c.poll() is None]
        while len(self.running) < size:
            self.start_one()

    def end(self) -> None:
        for client in self.running:
            client.kill()
        for listener in self.listeners:
            listener.join(30)


def post(port: int, path: str, body: Any, token: str = "") -> Any:
    head = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api{path}", json.dumps(body).encode(), head)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


def sign_up(port: int, number: int) -> None:
    post(port, "/auth/signup", {"email": f"crowd{number}@example.org", "password": PASSWORD, "full_name": "Crowd"})


def sign_in(port: int, number: int) -> dict[str, str]:
    """A token and the organization it is for, which gives the mark of its rows."""
    token = post(port, "/auth/token", {"email": f"crowd{number}@example.org", "password": PASSWORD})["access"]
    head = {"Authorization": f"Bearer {token}"}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/auth/validate", headers=head)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        known = json.load(answer)
    return {"token": token, "org": known["activeOrgId"], "mark": known["organizations"][0]["slug"]}


def gather(port: int) -> list[dict[str, str]]:
    """Everybody signed in, each with the key of a row of somebody else."""
    people = [sign_in(port, n) for n in range(ORGS)]
    firsts = [post(port, "/customers/", {"name": f"{p['mark']} first"}, p["token"])["id"] for p in people]
    return [{**p, "foreign": firsts[n - 1]} for n, p in enumerate(people)]


@contextmanager
def served(tmp_path: Path) -> Iterator[tuple[str, int, subprocess.Popen[str]]]:
    """gunicorn with the web login behind pgbouncer, on a database of its own."""
    with scratch_database("crowd") as database, web_login(database) as direct, pgbouncer(direct) as address:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        unlimited = {f"TENANTRY_REQUESTS_PER_{what}": "0" for what in ("PERSON", "ORG", "ADDRESS")}
        environment = {
            **os.environ,
            **unlimited,
            "DATABASE_URL": database_url(database),
            "APP_DATABASE_URL": address,
            "TENANTRY_VAR": str(tmp_path),
            "PORT": str(port),
        }
        command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
        with (tmp_path / "log").open("w") as log:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, text=True)
            try:
                wait_until_ready(server, port)
                yield database, port, server
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(30)


def kill_a_worker(server: subprocess.Popen[str], dice: random.Random) -> None:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    found = children.read_text().split() if children.exists() else []
    if found:
        os.kill(int(dice.choice(found)), signal.SIGKILL)


def let_them_ask(port: int, server: subprocess.Popen[str], *, requests: int, processes: int, kills: int) -> Crowd:
    """Until so many requests were answered; now and then clients die, every fifth time with a web process."""
    dice = random.Random(SEED)
    crowd = Crowd(port, gather(port))
    killed = 0
    began = signed_in = time.monotonic()
    try:
        while crowd.counts["asked"] < requests and not crowd.crossings:
            crowd.keep_up(processes)
            time.sleep(0.1)
            # By what was done and not by the clock: on a slow machine they would die before they ask.
            if crowd.counts["asked"] > (killed + 1) * requests // (kills + 1):
                killed += 1
                dice.choice(crowd.running).kill()
                if killed % 5 == 0:
                    kill_a_worker(server, dice)
            if time.monotonic() - signed_in > 300:
                # Access tokens last ten minutes.
                fresh = [sign_in(port, n) for n in range(ORGS)]
                crowd.people = [{**old, **new} for old, new in zip(crowd.people, fresh, strict=True)]
                signed_in = time.monotonic()
    finally:
        crowd.end()
    took = f"{time.monotonic() - began:.0f} s"
    print(f"{dict(crowd.counts)} in {took}, {killed} kills, {len(crowd.made)} rows, seed {SEED}")
    return crowd


def assert_nothing_crossed(crowd: Crowd, database: str) -> None:
    assert (crowd.crossings, crowd.errors[:5]) == ([], [])
    with owner_session(database) as session:
        session.execute("set role none")
        rows = session.execute(ROWS).fetchall()
    assert [r for r in rows if not r[1].startswith(f"{r[2]} ")] == []
    assert len(crowd.made) > ORGS
    assert set(crowd.made) <= {key for key, _, _ in rows}
    assert len(set(crowd.made)) == len(crowd.made)


def ask_and_look(tmp_path: Path, **size: int) -> None:
    with served(tmp_path) as (database, port, server):
        for number in range(ORGS):
            sign_up(port, number)
        assert_nothing_crossed(let_them_ask(port, server, **size), database)


def test_clients_of_eight_organizations_meet_no_foreign_row_while_some_are_killed(tmp_path):
    ask_and_look(tmp_path, requests=600, processes=2, kills=5)


@pytest.mark.torture
def test_a_hundred_thousand_requests_of_sixty_four_clients_meet_no_foreign_row(tmp_path):
    ask_and_look(tmp_path, requests=100_000, processes=8, kills=200)
