"""The embedded PostgreSQL from a terminal."""

import argparse
import subprocess
import sys

from config.embedded import owner_url, release, reset, start, stop
from config.embedded.cluster import answers
from config.embedded.errors import EmbeddedError
from config.embedded.places import DATABASE, SERVERS, Place, find_place
from config.embedded.processes import find_processes
from config.embedded.programs import find_programs


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
