"""The embedded PostgreSQL: a real one, in folders of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config import embedded
from config.embedded import places, programs
from config.embedded.places import find_place, make_folder
from config.embedded.processes import find_processes


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for a server, with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="tn") as folder:
        monkeypatch.setenv("TENANTRY_VAR", folder)
        yield Path(folder)
        embedded.reset("test")


def ask(statement: str, url: str | None = None) -> Any:
    with psycopg.connect(url or embedded.owner_url("test"), autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def start_in_another_process() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "config.embedded", "start", "test"], stdout=subprocess.DEVNULL)


def test_two_starts_at_once_make_one_server(var: Path) -> None:
    both = [start_in_another_process(), start_in_another_process()]
    assert [process.wait(60) for process in both] == [0, 0]
    assert embedded.running("test")
    assert ask("SHOW server_version_num") >= "180000"
    assert ask("SELECT datcollate || ' ' || datlocale FROM pg_database WHERE datname = 'tenantry'") == "C C.UTF-8"


def test_the_owning_login_is_no_superuser_and_cannot_bypass_row_level_security(var: Path) -> None:
    embedded.start("test", durable=False)
    rights = "SELECT (rolsuper, rolbypassrls, rolcreaterole, rolcreatedb)::text FROM pg_roles WHERE rolname = "
    assert ask(f"{rights} current_user") == "(f,f,t,t)"
    assert ask("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()") == "tenantry"


def test_the_server_listens_on_a_private_socket_only(var: Path) -> None:
    embedded.start("test", durable=False)
    assert ask("SHOW listen_addresses") == ""
    assert find_place("test").sockets.stat().st_mode & 0o777 == 0o700


def test_a_killed_server_starts_again_and_keeps_what_was_committed(var: Path) -> None:
    embedded.start("test")
    with psycopg.connect(embedded.owner_url("test")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    for process in find_processes(find_place("test")):
        os.kill(process.pid, signal.SIGKILL)
    embedded.start("test")
    assert ask("SELECT one FROM kept") == 1


def test_a_pid_file_that_names_a_stranger_is_not_believed(var: Path) -> None:
    embedded.start("test", durable=False)
    embedded.stop("test")
    (find_place("test").data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    embedded.start("test", durable=False)
    assert embedded.running("test")


def test_the_server_stops_with_its_last_user(var: Path) -> None:
    first, second = embedded.join("test"), embedded.join("test")
    embedded.start("test", durable=False)
    assert not embedded.leave(first, "test")
    assert embedded.running("test")
    assert embedded.leave(second, "test")
    assert not embedded.running("test")


def test_a_server_is_not_released_under_somebody_who_is_connected(var: Path) -> None:
    embedded.start("test", durable=False)
    with psycopg.connect(embedded.owner_url("test")):
        embedded.release("test")
        assert embedded.running("test")
    embedded.release("test")
    assert not embedded.running("test")


def test_reset_leaves_no_data(var: Path) -> None:
    embedded.start("test", durable=False)
    embedded.reset("test")
    assert not find_place("test").home.exists()
    embedded.reset("test")


def test_a_deep_checkout_gets_a_short_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TENANTRY_VAR", str(tmp_path / ("deep" * 40)))
    socket = find_place("test").sockets / ".s.PGSQL.5432"
    assert len(os.fsencode(socket)) <= places.LONGEST_SOCKET_PATH
    assert str(find_place("test").sockets) in embedded.owner_url("test")


def test_the_short_folder_outlives_another_tmpdir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    record = tmp_path / "test.sockets"
    record.write_text("/tmp/recorded\n")
    assert places.find_short_folder(tmp_path, record) == Path("/tmp/recorded")


def test_a_machine_without_the_wheel_is_told_of_database_url(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(embedded.EmbeddedError, match="Set DATABASE_URL"):
        embedded.start("test")


def test_a_wheel_that_cannot_run_is_told_of_database_url(
    var: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "pginstall18" / "bin"
    folder.mkdir(parents=True)
    (folder / "postgres").write_text("no program")
    (folder / "postgres").chmod(0o755)
    monkeypatch.setattr(programs, "find_wheel", lambda: tmp_path)
    monkeypatch.setattr(programs, "copy_programs", lambda folder: folder)
    with pytest.raises(embedded.EmbeddedError, match="Set DATABASE_URL"):
        embedded.start("test")


def test_programs_copied_from_a_closed_folder_run_by_themselves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "SYSTEM_HOME", tmp_path / "system")
    monkeypatch.setattr(programs, "runs_as_root", lambda: False)
    wheel = tmp_path / "closed"
    original = programs.find_wheel()
    for folder in (original / "pginstall18", original.with_name(f"{original.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, wheel / folder.relative_to(original.parent), symlinks=True)
    copied = programs.copy_programs(wheel / original.name / "pginstall18" / "bin")
    shutil.rmtree(wheel)
    for name in ("postgres", "initdb", "pg_ctl", "psql"):
        assert "18" in programs.run_program(copied, name, "--version")


def test_there_is_no_third_server() -> None:
    with pytest.raises(embedded.EmbeddedError, match="main, test"):
        embedded.owner_url("third")


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(embedded.EmbeddedError, match=r"file/var cannot be made \(Not a directory\): set TENANTRY_VAR"):
        make_folder(tmp_path / "file" / "var")
