"""Making the virtual environment, and the lock files it is made from."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load_make_venv() -> Any:
    spec = importlib.util.spec_from_file_location("make_venv", ROOT / "bin" / "make_venv.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_venv = load_make_venv()


def test_leaving_a_package_out_takes_its_hashes_along() -> None:
    first, last = "a==1 \\\n    --hash=x\n", "c==3 \\\n    --hash=w\n"
    middle = "b==2 ; sys_platform == 'x' \\\n    --hash=y \\\n    --hash=z\n"
    assert make_venv.leave_out("b", first + middle + last) == first + last


LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"]


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_locked_by_hash_and_names_no_address(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    requirements = re.findall(r"^[a-z0-9-]+==.*(?:\\\n.*)+", lock, re.MULTILINE)
    assert requirements
    assert len(requirements) == len(re.findall(r"^\S", lock, re.MULTILINE))
    assert all("--hash=sha256:" in requirement for requirement in requirements)
    assert not re.search(r"://|index-url|file:", lock)


def read_pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def test_every_lock_contains_the_base_and_none_disagrees_with_another() -> None:
    base, development, bench = (read_pins(name) for name in LOCKS)
    assert base.items() < development.items()
    assert base.items() < bench.items()
    assert {name: bench[name] for name in bench if name in development} == base


def test_a_lock_that_is_installed_on_top_takes_nothing_from_the_stamp(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(make_venv, "ROOT", tmp_path)
    monkeypatch.setattr(make_venv, "STAMP", tmp_path / "installed.json")
    monkeypatch.setattr(make_venv, "runs", lambda *command: True)
    for name in LOCKS:
        (tmp_path / name).write_text(name)
        make_venv.write_stamp(name)
    assert all(make_venv.is_current(name) for name in LOCKS)


def test_a_closed_checkout_is_named_before_anything_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(make_venv, "ROOT", tmp_path)
    monkeypatch.setattr(make_venv, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(make_venv, "STAMP", tmp_path / ".venv" / "installed.json")
    # Asked of the system, because root may write everywhere.
    monkeypatch.setattr(make_venv.os, "access", lambda path, mode: False)
    with pytest.raises(SystemExit, match=r"cannot be written, and \.venv belongs there: clone it"):
        make_venv.refuse_closed_folder("requirements.lock")
