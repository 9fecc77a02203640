"""The signals that mean "stop", held back where stopping half-way would leave something behind."""

import signal
from types import FrameType

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def raise_on_stop() -> None:
    """Turn every one of them into the KeyboardInterrupt that Python makes of Ctrl-C."""
    for number in STOP_SIGNALS:
        signal.signal(number, interrupt)


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def hold_stop_signals() -> None:
    """Hold them back, programs started from here included, until `release_stop_signals`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def release_stop_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
