"""What `make run` does: everything from an empty folder to a page that answers, and nothing left behind."""

import contextlib
import io
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError

from config import embedded
from config import gunicorn as settings
from config.app_address import keep_address, read_address, recall_address, refuse_unusable
from config.checks import check_server_version
from config.door import explain_end
from config.serve import address as web_address
from config.stopping import hold_stop_signals, raise_on_stop, release_stop_signals

NOBODY = -1
Result = TypeVar("Result")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    raise_on_stop()
    users = NOBODY
    try:
        refuse_busy_port()
        if not os.environ.get("DATABASE_URL"):
            users = embedded.join()
        sign_ins = prepare(users)
        serve(users, build_banner(sign_ins))
    except KeyboardInterrupt:
        print("\n  ✓ stopped", flush=True)
        return 0
    except REFUSALS as error:
        print(f"\n{explain_end(error, 'make run') or error}", file=sys.stderr)
        return 1
    finally:
        hold_stop_signals()
        if users != NOBODY:
            embedded.leave(users)
    return 0


class PortInUseError(Exception):
    """Somebody listens where we were to listen."""


# What a person can put right; everything else is a fault of ours and shows its traceback.
REFUSALS = (embedded.EmbeddedError, CommandError, ImproperlyConfigured, OperationalError, PortInUseError)


def refuse_busy_port() -> None:
    """Find out before anything is started."""
    host, port = settings.bind.rsplit(":", 1)
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # The port as it is written: a look-up takes one that is too large for another.
            probe.bind((place[0], int(port), *place[2:]))
    except (OSError, ValueError, OverflowError) as error:
        raise PortInUseError(
            f"Port {port} on {host} cannot be used ({error}): choose another, such as make run PORT=8001"
        ) from error


def prepare(users: int) -> str:
    """Bring database and files to where the code expects them; return how to sign in."""
    if users != NOBODY:
        do_step("PostgreSQL (embedded)", start_embedded)
    do_step("settings", django.setup)
    do_step("tables and roles", lambda: call_command("migrate", verbosity=0))
    warn_of_server()
    do_step("web login", make_web_login)
    sign_ins = do_step("demo data", make_demo)
    do_step("static files", lambda: call_command("collectstatic", verbosity=0, interactive=False))
    return sign_ins


def start_embedded() -> None:
    # A pg_ctl that is interrupted leaves a server that nobody knows of.
    hold_stop_signals()
    embedded.start()
    release_stop_signals()


def warn_of_server() -> None:
    """Say what `migrate` says of an old server: called from here, it keeps silent."""
    for warning in check_server_version(["default"]):
        print(f"  ! {warning.msg}\n    {warning.hint}", flush=True)


def make_web_login() -> None:
    """Make the login of the web processes, unless the person has one; the embedded server needs no password."""
    owner_url = os.environ.get("DATABASE_URL")
    if os.environ.get("APP_DATABASE_URL"):
        return
    kept = recall_address(owner_url) if owner_url else ""
    address = read_address(run_quietly("web_login", *(["--url", kept] if kept else [])))
    if owner_url:
        refuse_unusable(address)
        keep_address(owner_url, address)
        os.environ["APP_DATABASE_URL"] = address


def make_demo() -> str:
    try:
        return run_quietly("demo")
    except CommandError as refusal:
        # Somebody's own data, or production: no reason not to serve it.
        return f"No demo here: {refusal}"


def do_step(label: str, action: Callable[[], Result]) -> Result:
    began = time.monotonic()
    result = action()
    print(f"  ✓ {label:<24}{time.monotonic() - began:5.1f} s", flush=True)
    return result


def run_quietly(command: str, *arguments: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        call_command(command, *arguments, stdout=said)
    return said.getvalue().strip()


def build_banner(sign_ins: str) -> str:
    lines = [
        f"\n  Tenantry is at {web_address()}/",
        *(f"  {line}" for line in sign_ins.splitlines()),
    ]
    return "\n".join([*lines, "  Ctrl-C stops everything.\n"])


def serve(users: int, banner: str) -> None:
    """Become the web server: the same process, so signals and exit status are its own."""
    hold_stop_signals()
    environment = {**os.environ, "TENANTRY_BANNER": banner}
    os.execve(sys.executable, [sys.executable, "-m", "config.serve", str(users)], environment)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
