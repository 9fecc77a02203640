"""What a conversion tells a terminal, a log and a machine while it runs."""

import io
import json

from config.conversion import display
from tenants.backfill.events import Batch, Finished, Started


def make_batch(table: str, passed: int) -> Batch:
    return Batch(table, passed, 1_000, 100, 7, 10_000.0, None)


def show(how: display.Display, batches: int) -> None:
    with how:
        how.show(Started("legacy.calls", "fill", ""))
        for number in range(1, batches + 1):
            how.show(make_batch("legacy.calls", number * 100))
        how.show(Finished("legacy.calls", "fill", "800 rows written"))


def test_a_log_gets_a_line_for_each_batch_and_phase() -> None:
    out = io.StringIO()
    show(display.Lines(out), 3)
    said = out.getvalue().splitlines()
    assert said[0] == "legacy.calls: fill …"
    assert [line.split(" of ")[0] for line in said[1:-1]] == [f"legacy.calls: {n}00" for n in (1, 2, 3)]
    assert said[-1] == "legacy.calls: fill done, 800 rows written"


def test_a_machine_gets_every_batch() -> None:
    out = io.StringIO()
    show(display.JsonLines(out), 3)
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()].count("batch") == 3
