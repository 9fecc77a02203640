"""What live readers and writers feel of a fill: an open loop, so that who waits is not asked more rarely."""

import random
import threading
import time
from collections.abc import Callable

import psycopg
from django.db import connection
from psycopg import sql

from bench._conversion_world import SCHEMA, begin, make_table
from tenants.models import Conversion

PER_SECOND = 300
SECONDS = 10
CLIENTS = 4
DICE = random.Random(1)


class Client(threading.Thread):
    """Sends statements at their appointed times; what comes late counts from the time it was due."""

    def __init__(self, statement: str, size: int, per_second: float) -> None:
        super().__init__(daemon=True)
        self.statement, self.size, self.every = sql.SQL(statement), size, 1 / per_second
        self.times: list[float] = []
        self.ended = threading.Event()

    def run(self) -> None:
        place = connection.get_connection_params()
        place.pop("cursor_factory", None)
        place.pop("context", None)
        with psycopg.connect(autocommit=True, **place) as session:
            due = time.monotonic()
            while not self.ended.is_set():
                due += self.every
                time.sleep(max(0.0, due - time.monotonic()))
                session.execute(self.statement, [DICE.randint(1, self.size)])
                self.times.append(time.monotonic() - due)


def describe_traffic(size: int, fill: Callable[[Conversion], float]) -> None:
    """p99 of both without and with the fill."""
    conversion = begin(make_table("live", size))
    quiet = _listen(size, lambda: time.sleep(SECONDS))
    busy = _listen(size, lambda: fill(conversion) and None)
    for kind in quiet:
        ratio = busy[kind][1] / quiet[kind][1]
        print(
            f"{kind}: p50 {quiet[kind][0]:.1f} -> {busy[kind][0]:.1f} ms, p99 {quiet[kind][1]:.1f} ->"
            f" {busy[kind][1]:.1f} ms ({ratio:.1f}x), longest {busy[kind][2]:.0f} ms"
        )


def _listen(size: int, work: Callable[[], object]) -> dict[str, tuple[float, float, float]]:
    table = f"{SCHEMA}.live"
    share = PER_SECOND / CLIENTS
    clients = {
        "readers": [Client(f"select * from {table} where id = %s", size, share) for _ in range(CLIENTS // 2)],
        "writers": [
            Client(f"update {table} set amount = amount + 1 where id = %s", size, share) for _ in range(CLIENTS // 2)
        ],
    }
    for group in clients.values():
        for client in group:
            client.start()
    work()
    for group in clients.values():
        for client in group:
            client.ended.set()
            client.join()
    return {kind: _summarize([t for client in group for t in client.times]) for kind, group in clients.items()}


def _summarize(times: list[float]) -> tuple[float, float, float]:
    found = sorted(t * 1000 for t in times)
    return found[len(found) // 2], found[int(len(found) * 0.99)], found[-1]
