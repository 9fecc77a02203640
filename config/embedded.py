"""The PostgreSQL that comes with Tenantry: used when DATABASE_URL is not set.

`python -m config.embedded start|stop|release|reset|status|url|psql [main|test]`
"""

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
import time

from config.embedded_cluster import answers, count_clients, launch
from config.embedded_errors import EmbeddedError
from config.embedded_locks import locked, open_lock
from config.embedded_places import (
    DATABASE,
    OWNER_LOGIN,
    SERVERS,
    WEB_LOGIN,
    Place,
    build_url,
    find_place,
)
from config.embedded_processes import find_processes, halt
from config.embedded_programs import find_programs

__all__ = [
    "EmbeddedError",
    "app_url",
    "join",
    "leave",
    "owner_url",
    "release",
    "reset",
    "running",
    "start",
    "stop",
]

LEAVING_SECONDS = 2.0


def owner_url(name: str = "main") -> str:
    """Return the address for the owning login, known without the server running."""
    return build_url(find_place(name), OWNER_LOGIN)


def app_url(name: str = "main") -> str:
    """Return the address for the login of web processes, known without the server running."""
    return build_url(find_place(name), WEB_LOGIN)


def start(name: str = "main", *, durable: bool = True) -> None:
    """Bring the server up, made when missing; safe to call at any time and by two processes at once."""
    place = find_place(name)
    if answers(place):
        return
    with locked(place.lock):
        if not answers(place):
            launch(place, durable=durable)


def stop(name: str = "main") -> None:
    """Stop the server, whoever uses it; quiet when it is not running."""
    place = find_place(name)
    with locked(place.lock):
        halt(place)


def release(name: str = "main") -> None:
    """Stop the server unless somebody is connected to it: another run of the suite, a psql."""
    deadline = time.monotonic() + LEAVING_SECONDS
    # A client that has just closed its connection is still listed until its backend has ended.
    while count_clients(find_place(name)):
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)
    stop(name)


def reset(name: str = "main") -> None:
    """Stop the server and delete its data."""
    place = find_place(name)
    with locked(place.lock):
        halt(place)
        for folder in {place.home, place.sockets}:
            shutil.rmtree(folder, ignore_errors=True)


def running(name: str = "main") -> bool:
    """Tell whether the server answers."""
    return answers(find_place(name))


def join(name: str = "main") -> int:
    """Say that this process (and what it executes) uses the server; call it before `start`."""
    users = open_lock(find_place(name).users)
    fcntl.flock(users, fcntl.LOCK_SH)
    os.set_inheritable(users, True)
    return users


def leave(users: int, name: str = "main") -> bool:
    """End what `join` began, and stop the server when nobody else has joined; tell whether it was stopped."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        stop(name)
        return True
    finally:
        os.close(users)


def tell_status(name: str) -> str:
    place: Place = find_place(name)
    if answers(place):
        return f"The embedded PostgreSQL ({name}) is running: {owner_url(name)}"
    if find_processes(place):
        return f"The embedded PostgreSQL ({name}) is busy starting or stopping; its log is {place.log}."
    return f"The embedded PostgreSQL ({name}) is not running: python -m config.embedded start {name}"


def open_psql(name: str) -> int:
    start(name)
    return subprocess.call([str(find_programs() / "psql"), owner_url(name)])  # noqa: S603 — our own program


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=f"Database: {DATABASE}.")
    parser.add_argument("action", choices=["start", "stop", "release", "reset", "status", "url", "psql"])
    parser.add_argument("name", nargs="?", default="main", choices=SERVERS)
    wanted = parser.parse_args()
    try:
        return act(wanted.action, wanted.name)
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1


def act(action: str, name: str) -> int:
    if action == "psql":
        return open_psql(name)
    if action == "url":
        print(owner_url(name))
        return 0
    if action == "start":
        start(name, durable=name != "test")
    elif action != "status":
        {"stop": stop, "release": release, "reset": reset}[action](name)
    print(tell_status(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
