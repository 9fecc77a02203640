"""What the benches share: measuring by turns, so that whatever else the machine does meets all of them alike."""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

Case = Callable[[], float]
WARM_UP = 10


def take_turns(cases: Mapping[str, Case], rounds: int, *, warm_up: int = WARM_UP) -> dict[str, float]:
    """The median of what each case says it took, in seconds; the order turns around every round."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds + warm_up):
        names = list(cases) if number % 2 else list(cases)[::-1]
        for name in names:
            took = cases[name]()
            if number >= warm_up:
                taken[name].append(took)
    return {name: statistics.median(times) for name, times in taken.items()}


def read_counts(told: str | None, **counts: int | list[int]) -> list[Any]:
    """The numbers that the command line gives, in this order, and these where it gives none; a list takes all."""
    parser = argparse.ArgumentParser(
        usage=argparse.SUPPRESS, description=told, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, count in counts.items():
        parser.add_argument(name, nargs="*" if isinstance(count, list) else "?", type=int, default=count)
    return list(vars(parser.parse_args()).values())


class Clock:
    """What work costs: the processor time of this process and of one server process, where the system tells it.

    On a machine that others use, time on the wall says how long one waited for them. Elsewhere it has to do.
    """

    def __init__(self, backend: int, *, client: bool = False) -> None:
        self.server = Path(f"/proc/{backend}/schedstat")
        self.client = client
        self.name = "processor time" if self._knows() else "time on the wall"

    def _knows(self) -> bool:
        try:
            return self._read_server() > 0
        except (OSError, ValueError):
            return False

    def _read_server(self) -> int:
        return int(self.server.read_text().split()[0])

    def read(self) -> float:
        if self.name != "processor time":
            return time.perf_counter()
        return self._read_server() / 1e9 + (time.process_time() if self.client else 0.0)

    def time(self, work: Callable[[], Any]) -> float:
        began = self.read()
        work()
        return self.read() - began


def describe_machine(version: str) -> str:
    """What the numbers were taken on."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB of memory, PostgreSQL {version.split()[0]}"


def print_table(title: str, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """As Markdown, so that it can be put into docs/benchmarks.md as it is."""
    names = list(header)
    print(f"\n{title}\n\n| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} µs" if seconds < 0.01 else f"{seconds * 1e3:,.1f} ms"
