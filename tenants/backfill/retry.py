"""Trying a transaction again when another one stood in its way."""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import SystemRandom
from time import sleep
from typing import TypeVar

from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

Result = TypeVar("Result")
RETRYABLE = (LockNotAvailable, DeadlockDetected, SerializationFailure)
DICE = SystemRandom()


class PatienceError(Exception):
    """The last attempt failed like those before it; its error is the cause."""


@dataclass(frozen=True)
class Patience:
    """How often to try, and how long to stand aside in between: about a minute with these values."""

    attempts: int = 20
    first_pause: float = 0.05
    longest_pause: float = 5.0

    def draw_pause(self, failures: int) -> float:
        """Double with every failure, and spread, so that two who collided do not meet again."""
        pause = min(self.longest_pause, self.first_pause * 2 ** (failures - 1))
        return DICE.uniform(pause / 2, pause)


def is_retryable(error: BaseException) -> bool:
    """Tell a lock, deadlock or serialization failure, as psycopg raises it or as Django wraps it."""
    return isinstance(error, RETRYABLE) or isinstance(error.__cause__, RETRYABLE)


def run_with_retry(attempt: Callable[[], Result], *, patience: Patience, on_failure: Callable[[], None]) -> Result:
    """Run a whole transaction until it commits, or raise PatienceError."""
    for failures in range(1, patience.attempts + 1):
        try:
            return attempt()
        except Exception as error:
            if not is_retryable(error):
                raise
            on_failure()
            if failures == patience.attempts:
                raise PatienceError from error
        sleep(patience.draw_pause(failures))
    raise PatienceError
