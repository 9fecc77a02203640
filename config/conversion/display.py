"""Showing a run: bars in a terminal, a line per event elsewhere, JSON lines for machines."""

import json
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from tenants.backfill.events import Batch, Event, Finished, Held, Parked, Said, Started

MINUTE, HOUR = 60, 3600


class Display(Protocol):
    """Shows events as they come."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: Any) -> None: ...
    def show(self, event: Event) -> None: ...


def choose_display(stdout: Any, *, as_json: bool) -> Display:
    """Bars only where somebody sits in front of them."""
    if as_json:
        return JsonLines(stdout)
    return Bars(Console(file=stdout)) if getattr(stdout, "isatty", bool)() else Lines(stdout)


class Lines:
    """One line per batch and phase, for logs and pipes."""

    def __init__(self, stdout: Any) -> None:
        self.stdout = stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.stdout.flush()

    def show(self, event: Event) -> None:
        if line := describe(event):
            self.stdout.write(line + "\n" if not line.endswith("\n") else line)
            self.stdout.flush()


class JsonLines(Lines):
    """One JSON object per line."""

    def show(self, event: Event) -> None:
        self.stdout.write(json.dumps(event.as_json()) + "\n")
        self.stdout.flush()


class Bars:
    """A bar per table that is being filled; everything else scrolls above."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}"),
            console=console,
            transient=False,
        )
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.progress.stop()

    def show(self, event: Event) -> None:
        match event:
            case Batch():
                self._move(event)
            case Held() if event.table in self.tasks:
                self.progress.update(self.tasks[event.table], pace=event.reason)
            case Finished(phase="fill") if event.table in self.tasks:
                self._end(event.table)
            case _:
                if line := describe(event):
                    self.progress.console.print(line, markup=False, highlight=False)

    def _move(self, batch: Batch) -> None:
        if batch.table not in self.tasks:
            self.tasks[batch.table] = self.progress.add_task(batch.table, total=batch.rows_total, pace="")
        total = max(batch.rows_total, batch.rows_passed)
        self.progress.update(
            self.tasks[batch.table], completed=batch.rows_passed, total=total, pace=describe_pace(batch)
        )

    def _end(self, table: str) -> None:
        task = self.progress.tasks[self.progress.task_ids.index(self.tasks[table])]
        self.progress.update(self.tasks[table], completed=task.total, pace="done")


def describe(event: Event) -> str:
    """An event as one line; empty where there is nothing to say."""
    match event:
        case Batch():
            of = f"{event.rows_passed:,} of about {max(event.rows_total, event.rows_passed):,} rows"
            return f"{event.table}: {of}, {describe_pace(event)}, batch {event.milliseconds} ms"
        case Started():
            return _name(event, f"{event.phase} …{f' ({event.note})' if event.note else ''}")
        case Finished():
            return _name(event, f"{event.phase} done{f', {event.note}' if event.note else ''}")
        case Held():
            return f"{event.table or 'run'}: {event.reason}" if event.reason else ""
        case Parked():
            return _name(event, f"parked. {event.reason}{f' Next: {event.remedy}' if event.remedy else ''}")
        case Said():
            return _name(event, event.sentence)
    return ""


def _name(event: Event, sentence: str) -> str:
    """What is about the whole conversion names no table."""
    return f"{event.table}: {sentence}" if event.table else sentence


def describe_pace(batch: Batch) -> str:
    """Rate and time left."""
    left = "" if batch.seconds_left is None else f", {describe_time(batch.seconds_left)} left"
    return f"{batch.rate:,.0f}/s{left}"


def describe_time(seconds: float) -> str:
    """A span as people say it."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.1f} h"
