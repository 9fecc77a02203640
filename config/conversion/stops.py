"""Ctrl-C and SIGTERM during a conversion: the current batch is finished, then it ends."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def hold_for_batch(say: Callable[[str], None]) -> Iterator[Callable[[], bool]]:
    """Yield a question: has somebody asked to stop? The second time, the process ends at once."""
    asked: list[int] = []

    def notice(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        say("Stopping after the current batch; once more to stop at once.")

    before: dict[int, Any] = {number: signal.signal(number, notice) for number in SIGNALS}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
