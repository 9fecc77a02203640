"""The PostgreSQL that comes with Tenantry: used when DATABASE_URL is not set.

`python -m config.embedded start|stop|release|reset|status|url|psql [main|test]`
"""

import fcntl
import os
import shutil
import time

from config.embedded.cluster import answers, count_clients, launch
from config.embedded.errors import EmbeddedError
from config.embedded.locks import locked, open_lock
from config.embedded.places import OWNER_LOGIN, WEB_LOGIN, build_url, find_place
from config.embedded.processes import halt

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
