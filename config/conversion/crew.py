"""`--workers N`: processes of this machine that join the fill."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tenants.models import Conversion

LONGEST_WAIT = 10
PASSED_ON = ("batch_ms", "lock_ms", "window", "max_wal", "max_lag")


@contextmanager
def helping() -> Iterator[Callable[[Conversion, dict[str, Any]], None]]:
    """Yield what starts them; they end with this process."""
    started: list[subprocess.Popen[bytes]] = []

    def start(conversion: Conversion, options: dict[str, Any]) -> None:
        command = compose_command(conversion, options)
        # A group of their own: Ctrl-C reaches this process, which tells them after its own batch.
        for _ in range(options["workers"] - 1):
            started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True))  # noqa: S603

    try:
        yield start
        # Without a leader they end by themselves.
        for process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(LONGEST_WAIT)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def compose_command(conversion: Conversion, options: dict[str, Any]) -> list[str]:
    """The line that a person would type to join."""
    command = [sys.executable, str(Path(sys.argv[0]).resolve()), "backfill_org_ids", "--json", "run"]
    command += ["--plan", str(options["plan"]), "--join", str(conversion.number)]
    for name in PASSED_ON:
        if options[name]:
            command += [f"--{name.replace('_', '-')}", str(options[name])]
    return command
