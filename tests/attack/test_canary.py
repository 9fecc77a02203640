"""A credential with a name of its own, sent to a real server that logs all it can: afterwards it is nowhere."""

import base64
import json
import os
import shutil
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

import psycopg
import pytest
from psycopg import sql

from tests.databases import ROOT
from tests.faults.private_server import PrivateServer, private_server

pytestmark = pytest.mark.xdist_group("faults_server")
CANARY = "canary-7d1e-credential-that-nobody-may-see-5b08"
SECOND = "canary-8e2f-credential-of-tomorrow-that-is-hidden-6c19"
# What is no secret has to be found in the same places, or the search would prove nothing.
DECOY = "decoy-3c90-name-of-the-connection"
LOG_EVERYTHING = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_min_messages": "debug1",
    "log_min_error_statement": "debug1",
    "log_error_verbosity": "verbose",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "track_activity_query_size": "1MB",
}
SECONDS = 180


def forms_of(secret: str) -> list[bytes]:
    """As it is, and as bytes are written down."""
    raw = secret.encode()
    return [raw, raw.hex().encode(), base64.b64encode(raw)[:-4], base64.b64encode(b"x" + raw)[4:-4], repr(raw).encode()]


@dataclass
class Stage:
    """The server, its database, and all that was said."""

    server: PrivateServer
    port: int
    said: Path
    token: str = ""

    def call(self, method: str, address: str, body: Any = None) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{address}", method=method)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=30) as answer:
                return answer.status, self.keep(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.code, self.keep(error.read().decode() + str(error.headers))

    def keep(self, text: str) -> str:
        with (self.said / "answers").open("a") as file:
            file.write(text + "\n")
        return text

    def superuser(self) -> Any:
        return psycopg.connect(f"postgresql://postgres@/tenantry?host={self.server.folder}", autocommit=True)

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**self.environment(), **environment},
            timeout=300,
        )
        self.keep(done.stdout + done.stderr)
        return done

    def environment(self) -> dict[str, str]:
        held = {k: v for k, v in os.environ.items() if not k.startswith(("TENANTRY_", "APP_"))}
        return {**held, "DATABASE_URL": self.server.url, "TENANTRY_LOG_LEVEL": "DEBUG", "DATABASE_POOL": "true"}

    def everything(self) -> dict[str, bytes]:
        """Logs, answers, what stands in every table, and what the server shows of its sessions."""
        found = {path.name: path.read_bytes() for path in self.said.iterdir()}
        found["the server's log"] = (self.server.folder / "log").read_bytes()
        with self.superuser() as session:
            shown = session.execute("select a::text from pg_stat_activity a").fetchall()
            found["pg_stat_activity"] = repr(shown).encode()
            tables = session.execute(
                "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where c.relkind in ('r', 'm', 't') and n.nspname in ('public', 'private') order by 1, 2"
            ).fetchall()
            for schema, name in tables:
                rows = session.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(schema, name)))
                found[f"{schema}.{name}"] = "\n".join(row[0] for row in rows).encode()
        return found


@contextmanager
def serving(stage: Stage) -> Iterator[None]:
    login = stage.manage("web_login", "--name", "canary_web")
    address = next(word for line in login.stdout.splitlines() for word in line.split("=", 1) if "postgresql://" in word)
    with (stage.said / "web").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={
                **stage.environment(),
                "APP_DATABASE_URL": address.strip().strip("'"),
                "PORT": str(stage.port),
                "WEB_CONCURRENCY": "1",
                "GUNICORN_LOG_LEVEL": "debug",
                "ACCESS_LOG": "1",
            },
        )
        try:
            wait_for(stage, process)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(stage: Stage, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if stage.call("GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError((stage.said / "web").read_text()[-3000:])


@pytest.fixture(scope="module")
def stage(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with django_db_blocker.unblock(), private_server() as server, socket.create_server(("127.0.0.1", 0)) as probe:
        made = Stage(server, probe.getsockname()[1], tmp_path_factory.mktemp("said"))
        probe.close()
        done = made.manage("migrate", "-v", "0")
        assert done.returncode == 0, done.stderr
        with psycopg.connect(f"postgresql://postgres@/postgres?host={server.folder}", autocommit=True) as session:
            for name, value in LOG_EVERYTHING.items():
                setting = sql.SQL("alter system set {} = {}").format(sql.Identifier(name), sql.Literal(value))
                session.execute(setting)
            session.execute("select pg_reload_conf()")
        yield made


def sign_up(stage: Stage) -> None:
    person = {"email": "ada@example.org", "password": "a long and private sentence"}
    stage.call("POST", "/api/auth/signup", person)
    status, answer = stage.call("POST", "/api/auth/token", person)
    assert status == 200, answer
    stage.token = json.loads(answer)["access"]


def misuse(stage: Stage, address: str, connection: str) -> None:
    """Everything that goes wrong with a credential in its hands."""
    put = f"{address}credential/"
    wrong = [
        ({"secret": CANARY}, "PUT", "/api/integrations/00000000-0000-7000-8000-000000000000/credential/", 404),
        ({"secret": [CANARY]}, "PUT", put, 400),
        ({"secret": {"value": CANARY}}, "PUT", put, 400),
        ({"secret": CANARY * 1000}, "PUT", put, 400),
        ({"secret": CANARY + "\0"}, "PUT", put, 400),
        ({"credential": CANARY}, "PUT", put, 400),
        (f'{{"secret": "{CANARY}"'.encode(), "PUT", put, 400),
        (f'"{CANARY}"'.encode(), "PUT", put, 400),
        ({"secret": CANARY}, "POST", put, 405),
        ({"settings": {"password": CANARY}}, "PATCH", address, 400),
        (
            {"name": "x", "provider": "folder", "settings": {"deep": [{"apiKey": CANARY}]}},
            "POST",
            "/api/integrations/",
            400,
        ),
    ]
    for body, method, where, status in wrong:
        assert stage.call(method, where, body)[0] == status, (method, where, str(body)[:40])
    with stage.superuser() as session:
        session.execute("alter function private.store_integration_credential rename to elsewhere")
        assert stage.call("PUT", put, {"secret": CANARY})[0] == 500
        session.execute("alter function private.elsewhere rename to store_integration_credential")
        session.execute("alter table private.vault_secrets add constraint never check (version < 0) not valid")
        assert stage.call("PUT", put, {"secret": CANARY})[0] >= 400
        session.execute("alter table private.vault_secrets drop constraint never")


def use_over_the_api(stage):
    """Store it twice, ask for it everywhere, and misuse what can be misused."""
    sign_up(stage)
    wish = {"provider": "folder", "name": DECOY, "settings": {"folder": "x", "signed": True}}
    status, answer = stage.call("POST", "/api/integrations/", wish)
    assert status == 201, answer
    connection = json.loads(answer)["id"]
    address = f"/api/integrations/{connection}/"
    misuse(stage, address, connection)
    for secret in (CANARY, SECOND):
        status, answer = stage.call("PUT", f"{address}credential/", {"secret": secret})
        assert (status, json.loads(answer)["last_four"]) == (200, secret[-4:]), answer
    for path in (address, f"{address}credential/", "/api/audit-logs/?page_size=200", "/api/sync-jobs/"):
        assert stage.call("GET", path)[0] == 200
    for table in ("audit-logs", "integrations"):
        stage.call("GET", f"/api/{table}/?search={DECOY}")


def use_in_commands(stage):
    """Read it for a sync whose file is not signed, and seal it anew."""
    folder = stage.said / "in"
    with stage.superuser() as session:
        (org,) = session.execute("select org_id from integration_connections").fetchone()
    inbox = folder / str(org) / "x"
    inbox.mkdir(parents=True)
    (inbox / "a.jsonl").write_text("{}\n")
    assert "not signed" in stage.manage("run_sync", "--once", TENANTRY_SYNC_DIR=str(folder)).stdout
    for arguments in (["rotate_keys", "--data-keys"], ["doctor", "--check", "vault_keys"], ["maintain"]):
        done = stage.manage(*arguments)
        assert done.returncode == 0, done.stderr
    shutil.rmtree(folder)


def test_a_credential_is_nowhere_but_in_the_hands_of_who_needs_it(stage):
    with serving(stage):
        use_over_the_api(stage)
    use_in_commands(stage)
    found = stage.everything()
    for secret in (CANARY, SECOND):
        seen = [name for name, text in found.items() if any(form in text for form in forms_of(secret))]
        assert seen == []
    # The names of what was searched, and that it was searched.
    decoyed = {name for name, text in found.items() if DECOY.encode() in text}
    assert {"answers", "the server's log", "public.integration_connections"} <= decoyed
    assert any(name.startswith("public.audit_logs") for name in decoyed)
    assert b"store_integration_credential" in found["the server's log"]
    assert found["private.vault_secrets"]
