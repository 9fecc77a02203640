"""The sealed log: rows sealed and verified per second, then falsifications, each of which must be found.

usage: python bench/verify_audit.py [ROWS [FALSIFICATIONS]]; on a database of its own, made beside DATABASE_URL's.
"""

import os
import random
import sys
import time
import uuid
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
CHAIN = 200


def measure_speed(rows: int) -> None:
    orgs = [uuid.uuid4() for _ in range(20)]
    for org in orgs:
        write_events(org, rows // len(orgs))
    started = time.monotonic()
    sealed = seal_all(5_000)
    print(f"sealed   {sealed:>9,} rows, {sealed / (time.monotonic() - started):>9,.0f} per second")
    started = time.monotonic()
    said = verify()
    assert not said.faults, said.faults
    print(f"verified {said.rows:>9,} rows, {said.rows / (time.monotonic() - started):>9,.0f} per second")


def falsify(count: int) -> int:
    """Falsify a chain of its own so many times; return how many were named right."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**9))
    dice, org, named = random.Random(seed), sealed_org(CHAIN), 0
    print(f"seed {seed}")
    with connection.cursor() as cursor:
        heads = [head for head in read_heads(cursor) if head["org_id"] == str(org)]
    for number in range(count):
        mutate = dice.choice(MUTATIONS)
        with tampering() as cursor:
            expected = mutate(Chain(cursor, org, CHAIN, dice))
            said = verify_log(cursor, org_id=org, heads=heads if expected.outside else [])
        found = [(fault.position, fault.kind) for fault in said.faults]
        named += found == [(expected.position, expected.kind)]
        if found != [(expected.position, expected.kind)]:
            print(f"{number} {mutate.__name__}: {expected}, found {found}")
    return named


if __name__ == "__main__":
    django.setup()
    from django.db import connection

    from audit.heads import read_heads
    from audit.verification import verify_log
    from bench._ground import bench_database
    from bench._turns import read_counts
    from tests.audit.mutations import MUTATIONS, Chain
    from tests.audit.sealed_log import seal_all, sealed_org, tampering, verify, write_events

    rows, count = read_counts(__doc__, rows=200_000, falsifications=2_000)
    with bench_database("bench_audit"):
        started = time.monotonic()
        named = falsify(count)
        print(f"named {named:,} of {count:,} falsifications in {time.monotonic() - started:.0f} s")
        measure_speed(rows)
    sys.exit(named != count)
