"""The processes of an embedded server: found by the data they work on, and stopped."""

import time
from pathlib import Path

import psutil

from config.embedded.errors import EmbeddedError
from config.embedded.places import Place
from config.embedded.programs import find_programs, run_program


def halt(place: Place) -> None:
    """Stop whatever still works on the data: politely, then at once; the caller holds the lock."""
    for mode in ("fast", "immediate"):
        if find_processes(place):
            try_to_stop(place, mode)
    leftover = find_processes(place)
    for process in leftover:
        process.kill()
    psutil.wait_procs(leftover, timeout=5)


def try_to_stop(place: Place, mode: str) -> None:
    try:
        run_program(find_programs(), "pg_ctl", "stop", "-D", str(place.data), "-m", mode, "-w", "-t", "20", "-s")
    except EmbeddedError:
        # Without its pid file pg_ctl finds no server; what is left then gets a moment to see that.
        time.sleep(0.5)


def find_processes(place: Place) -> list[psutil.Process]:
    """List the processes that work on the data: a pid file may name a stranger that got the number since."""
    return [process for process in psutil.process_iter(["name"]) if works_on(process, place.data)]


def works_on(process: psutil.Process, data: Path) -> bool:
    if not (process.info["name"] or "").startswith("postgres"):
        return False
    try:
        return Path(process.cwd()) == data.resolve()
    except (psutil.Error, OSError):
        return False
