"""The web server of `make run`: gunicorn in this very process, so that no child of ours can be lost."""

import functools
import os
import signal
import sys
import threading
import time
import urllib.request
from typing import Any

import gunicorn.app.base
from gunicorn.errors import HaltServer
from gunicorn.util import import_app

from config import embedded
from config import gunicorn as settings
from config.stopping import hold_stop_signals, release_stop_signals

READY_SECONDS = 30


class Server(gunicorn.app.base.BaseApplication):  # type: ignore[misc]
    """gunicorn with the settings of `config.gunicorn`, which says when it is ready."""

    def __init__(self, banner: str) -> None:
        self.banner = banner
        super().__init__()

    def load_config(self) -> None:
        for name, value in vars(settings).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
        self.cfg.set("when_ready", accept_signals)
        self.cfg.set("post_worker_init", functools.partial(announce_once, self.banner))

    def load(self) -> Any:
        """What it refuses is one sentence and the end, not a worker made again for ever: config.wsgi sees to that."""
        return import_app("config.wsgi:application")


def accept_signals(arbiter: Any) -> None:
    # A closed terminal means stop here, not gunicorn's "reload".
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    release_stop_signals()


def announce_once(banner: str, worker: Any) -> None:
    if worker.age == 1:
        threading.Thread(target=announce, args=[banner], daemon=True).start()


def announce(banner: str) -> None:
    """Print the banner when the server answers, or what it answers instead."""
    deadline = time.monotonic() + READY_SECONDS
    problem = find_problem()
    while problem and time.monotonic() < deadline:
        time.sleep(0.2)
        problem = find_problem()
    print(f"  ✗ {address()}/healthz does not answer: {problem}" if problem else banner, flush=True)


def find_problem() -> str:
    """Return why the server is not well, or nothing."""
    try:
        urllib.request.urlopen(f"{address()}/healthz", timeout=5).close()  # noqa: S310 — our own address
    except OSError as error:
        return str(error)
    return ""


def address() -> str:
    host, port = settings.bind.rsplit(":", 1)
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}"  # noqa: S104 — compared only


def main() -> None:
    """Serve until stopped; the descriptor in the arguments says that the embedded PostgreSQL is in use."""
    users = int(sys.argv[1])
    ours = os.getpid()
    try:
        Server(os.environ.pop("TENANTRY_BANNER", "")).run()
    except HaltServer as halt:
        # All workers refuse alike, and gunicorn, which stops for the first, does not expect the second. Why is said.
        sys.exit(halt.exit_status)
    finally:
        # Workers are forks that leave through here as well.
        if os.getpid() == ours:
            say_goodbye(users)


def say_goodbye(users: int) -> None:
    hold_stop_signals()
    if users >= 0 and not embedded.leave(users):
        print("\n  ✓ stopped; PostgreSQL stays, another process uses it", flush=True)
    else:
        print("\n  ✓ stopped", flush=True)


if __name__ == "__main__":
    main()
