"""The size of the next batch, steered by the time that the last one took."""

import math

FIRST_SIZE = 200
LARGEST_SIZE = 50_000
# Fewer rows than these make no batch quicker that is slow: it is the network, or a server that has much to do. Without
# it a target below what an empty batch takes ends at a row at a time.
FEWEST_BY_TIME = 50
# One slow batch (a checkpoint, a cold cache) must not throw the size away, nor a quick one overshoot by more.
STEEPEST_FALL = 0.25
STEEPEST_RISE = 2.0


class Pace:
    """A batch size that follows a target time."""

    def __init__(self, target_ms: int, size: int = FIRST_SIZE) -> None:
        self.target_ms = target_ms
        self.size = size

    def learn_from_batch(self, seen: int | None, seconds: float, *, fixed: float = 0.0) -> None:
        """Grow after a quick full batch, shrink after a slow one; a short batch is no reason to grow.

        Of the `seconds` a batch of no rows would have taken `fixed` ones: rows have the rest, at least half the target.
        """
        target = max(self.target_ms - fixed * 1000, self.target_ms / 2)
        factor = target / max((seconds - fixed) * 1000, 0.001)
        if self.size < FEWEST_BY_TIME:
            self.size = min(FEWEST_BY_TIME, self.size * 2)
        elif factor < 1:
            self.size = max(FEWEST_BY_TIME, math.floor(self.size * max(factor, STEEPEST_FALL)))
        elif seen is None or seen >= self.size:
            self.size = min(LARGEST_SIZE, math.ceil(self.size * min(factor, STEEPEST_RISE)))

    def halve(self) -> None:
        """Shrink after a lock that was not free: fewer rows, fewer neighbours."""
        self.size = max(1, self.size // 2)
