"""So many requests a minute, per person, per organization and (for nobody) per address.

Counted in the process and told to the database a share at a time: what one process counts the others learn of, and nine
requests in ten cost nothing. With n processes a limit is passed by at most n shares.
"""

import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from accounts.throttle import COUNT, Limit
from tenants.api.problems import ApiProblem
from tenants.scope import request_scope

SECONDS = 60
# One tenth of the limit is counted here before the database hears of it.
SHARES = 10
MOST_SUBJECTS = 10_000
DETAIL = "Too many requests; try again in {} seconds."


@dataclass
class Count:
    """What this process knows of one subject."""

    since: float
    untold: int = 0
    closed_until: float = 0.0


class Counter:
    """The process's own counts."""

    def __init__(self) -> None:
        self.counts: dict[str, Count] = {}
        self.cleared_at = 0.0
        self.lock = threading.Lock()

    def add(self, subject: str, share: int) -> tuple[int, float]:
        """One more; returns how many are to be told to the database now, and until when the subject is shut out."""
        now = time.monotonic()
        with self.lock:
            self._forget_old(now)
            count = self.counts.get(subject)
            if count is None or (now - count.since >= SECONDS and now >= count.closed_until):
                count = self.counts[subject] = Count(now)
            if now < count.closed_until:
                return 0, count.closed_until - now
            count.untold += 1
            if count.untold < share:
                return 0, 0.0
            told, count.untold = count.untold, 0
            return told, 0.0

    def _forget_old(self, now: float) -> None:
        """Now and then: where many addresses come at once, each request would go through all of them."""
        if len(self.counts) >= MOST_SUBJECTS and now - self.cleared_at >= SECONDS / SHARES:
            self.counts = {k: c for k, c in self.counts.items() if now < max(c.since + SECONDS, c.closed_until)}
            self.cleared_at = now

    def close(self, subject: str, seconds: float) -> None:
        with self.lock:
            count = self.counts.setdefault(subject, Count(time.monotonic()))
            count.closed_until = time.monotonic() + seconds

    def clear(self) -> None:
        with self.lock:
            self.counts.clear()


COUNTER = Counter()


def allow(kind: str, subject: str) -> None:
    """Count a request of a `person`, `org` or `address`; raises 429. Outside of the request's own transaction."""
    allowed = int(settings.TENANTRY_REQUESTS_PER_MINUTE[kind])
    if not allowed:
        return
    limit = Limit(f"requests of {kind}", allowed, SECONDS)
    bucket = limit.bucket(subject)
    told, wait = COUNTER.add(bucket, max(1, allowed // SHARES))
    if told and (wait := _tell(limit, bucket, told)):
        COUNTER.close(bucket, wait)
    if wait:
        seconds = str(max(1, round(wait)))
        raise ApiProblem(429, DETAIL.format(seconds), headers={"Retry-After": seconds})


def _tell(limit: Limit, bucket: str, told: int) -> float:
    with request_scope("service", reason="throttle"), connection.cursor() as cursor:
        cursor.execute(COUNT, [bucket, limit.allowed, limit.seconds, told])
        return float(cursor.fetchone()[0])
