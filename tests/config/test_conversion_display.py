"""What a conversion tells a terminal, a log and a machine while it runs."""

import io
import json
from types import SimpleNamespace

import pytest

from config.conversion import display
from tenants.backfill.events import Batch, Finished, Started


def make_batch(table: str, passed: int) -> Batch:
    return Batch(table, passed, 1_000, 100, 7, 10_000.0, None)


def show(how: display.Display, *seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fill whose batches end at these seconds."""
    clock = iter(seconds)
    monkeypatch.setattr("config.conversion.display.time", SimpleNamespace(monotonic=lambda: next(clock)))
    with how:
        how.show(Started("legacy.calls", "fill", ""))
        for number, _ in enumerate(seconds, 1):
            how.show(make_batch("legacy.calls", number * 100))
        how.show(Finished("legacy.calls", "fill", "800 rows written"))


def test_a_log_gets_a_line_every_few_seconds_and_not_one_per_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    show(display.Lines(out), 0.0, 0.1, 4.9, 5.1, 5.2, 9.9, 10.2, 10.3, monkeypatch=monkeypatch)
    said = out.getvalue().splitlines()
    assert said[0] == "legacy.calls: fill …"
    assert [line.split(" of ")[0] for line in said[1:-1]] == ["legacy.calls: 400", "legacy.calls: 700"]
    assert said[-1] == "legacy.calls: fill done, 800 rows written"


def test_a_machine_gets_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    show(display.JsonLines(out), 0.0, 0.1, 0.2, monkeypatch=monkeypatch)
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()].count("batch") == 3
