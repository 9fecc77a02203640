"""`make run`, as far as it goes without starting everything."""

import os
import socket
import subprocess
import sys
import types

import pytest
from django.db import connection
from gunicorn.errors import HaltServer

from config import gunicorn, run, serve
from config.web_address import build_address


def find_hosts() -> list[str]:
    """What this machine can listen on."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return ["127.0.0.1"]
    return ["127.0.0.1", "[::1]"]


@pytest.mark.parametrize("host", find_hosts())
def test_a_port_in_use_is_one_sentence_and_nothing_is_started(host: str) -> None:
    family = socket.AF_INET6 if host == "[::1]" else socket.AF_INET
    with socket.create_server((host.strip("[]"), 0), family=family) as taken:
        port = taken.getsockname()[1]
        environment = {**os.environ, "PORT": str(port), "HOST": host}
        done = subprocess.run(
            [sys.executable, "-m", "config.run"], capture_output=True, text=True, env=environment, timeout=30
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"Port {port} on {host} cannot be used" in done.stderr
    assert "make run PORT=" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("host", find_hosts())
def test_a_free_port_is_found_free_and_none_beyond_the_last(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(gunicorn, "bind", f"{host}:0")
    run.refuse_busy_port()
    monkeypatch.setattr(gunicorn, "bind", f"{host}:99999")
    with pytest.raises(run.PortInUseError, match="Port 99999 on"):
        run.refuse_busy_port()


def test_an_old_server_is_told_of_once(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "do_step", lambda label, action: "")
    monkeypatch.setattr("config.checks.find_fault", lambda version: f"{version} lacks fixes")
    run.prepare(run.NOBODY)
    said, _, hint = capsys.readouterr().out.partition("\n")
    assert said.startswith("  ! ")
    assert said.endswith(" lacks fixes")
    assert "server" in hint
    monkeypatch.setattr("config.checks.find_fault", lambda version: "")
    run.prepare(run.NOBODY)
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_a_refusing_application_ends_the_server_instead_of_looping() -> None:
    connection.ensure_connection()
    owner = connection.settings_dict
    environment = {"APP_DATABASE_URL": build_address(owner["USER"], owner["PASSWORD"]), "PORT": "0"}
    command = [sys.executable, "-m", "config.serve", str(run.NOBODY)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **environment})
    assert ended.returncode != 0
    assert "has CREATEROLE" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_second_worker_that_refuses_is_told_like_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def meet_another(server: serve.Server) -> None:
        raise HaltServer("App failed to load.", 4)

    monkeypatch.setattr(serve.Server, "run", meet_another)
    # It holds the signals that stop a process, for good: here for all tests and what they start.
    monkeypatch.setattr(serve, "say_goodbye", lambda users: None)
    monkeypatch.setattr(sys, "argv", ["serve", str(run.NOBODY)])
    with pytest.raises(SystemExit) as ended:
        serve.main()
    assert ended.value.code == 4


def test_only_the_first_worker_says_that_the_server_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(serve, "announce", said.append)
    for age in (1, 2, 3):
        serve.announce_once("ready", types.SimpleNamespace(age=age))
    assert said == ["ready"]
