"""The ways of filling that the conversion bench sets side by side."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.db import connection, models, transaction

from bench._conversion_traffic import describe_traffic
from bench._conversion_world import (
    Figures,
    begin,
    compose_plain,
    hold_to_key,
    make_people,
    make_table,
    measure,
    run,
)
from bench._ground import bench_database
from tenants.backfill.coordinator import coordinate
from tenants.backfill.events import Batch
from tenants.backfill.fill import tables as fill_of_tables
from tenants.backfill.fill.choose import KEYS, Choice
from tenants.backfill.fill.run import fill_tables, work_shares
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.names import TableName
from tenants.models import Conversion, Organization
from tests.databases import database_url

SIZE = int(os.environ.get("SIZE", "200000"))
REPEAT = int(os.environ.get("REPEAT", "1"))
FEW = 2_000
PROGRAM = Path(__file__).with_name("conversion.py")


def settings() -> FillSettings:
    """The command's own defaults."""
    return FillSettings()


def fill(conversion: Conversion, *, workers: int = 1) -> float:
    """Fill, and return the longest batch."""
    with coordinate(conversion):
        helpers = [_start_helper(conversion) for _ in range(workers - 1)]
        longest = max((e.milliseconds for e in fill_tables(conversion, settings()) if isinstance(e, Batch)), default=0)
    for helper in helpers:
        helper.wait()
    return longest / 1000


def _start_helper(conversion: Conversion) -> subprocess.Popen[bytes]:
    place = {**os.environ, "DATABASE_URL": database_url(str(connection.settings_dict["NAME"]))}
    return subprocess.Popen([sys.executable, str(PROGRAM), "join", str(conversion.number)], env=place)


def update_plainly(table: TableName, conversion: Conversion) -> float:
    """One UPDATE as the batch role, whose rows the fill trigger lets pass."""
    begun = time.monotonic()
    run(f"grant select, update on {table} to tenantry_batch; grant usage on schema {table.schema} to tenantry_batch")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local role tenantry_batch")
        cursor.execute(compose_plain(table, conversion), None)
    return time.monotonic() - begun


def compare_ways(size: int) -> None:
    """The engine, one UPDATE beside the same foreign key and trigger, and one beside neither."""
    results: dict[str, list[Figures]] = {}
    for _ in range(REPEAT):
        bare, plain, one = make_table("bare", size), make_table("plain", size), make_table("one", size)
        run(f"alter table {bare} add org_id uuid")
        conversion = begin(plain)
        hold_to_key(plain)
        ways: list[tuple[str, TableName, Callable[[], float]]] = [
            ("one UPDATE", plain, partial(update_plainly, plain, conversion)),
            ("one UPDATE, no FK, no trigger", bare, partial(update_plainly, bare, conversion)),
        ]
        for way, table, work in ways:
            results.setdefault(way, []).append(measure(way, table, size, work))
        run(f"drop table {plain}, {bare}")
        alone = begin(one)
        results.setdefault("engine", []).append(measure("engine, one worker", one, size, partial(fill, alone)))
        two = make_table("two", size)
        together = begin(two)
        way = "engine, two workers"
        results.setdefault(way, []).append(measure(way, two, size, partial(fill, together, workers=2)))
        run(f"drop table {one}, {two}")
    middle = [pick_middle(found) for found in results.values()]
    print(f"{size:,} rows, median of {REPEAT}, load {os.getloadavg()[0]:.1f}")
    for figures in middle:
        print(figures.line(middle[0]), flush=True)


def compare_keys(size: int) -> None:
    """The same with batches by key."""
    chosen = vars(fill_of_tables)["choose_strategy"]
    vars(fill_of_tables)["choose_strategy"] = lambda *_, **__: Choice(KEYS, "asked for")
    try:
        table = make_table("by_key", size)
        conversion = begin(table)
        print(measure("engine, keyset", table, size, lambda: fill(conversion)).line())
    finally:
        vars(fill_of_tables)["choose_strategy"] = chosen


def compare_constants(size: int) -> None:
    """A table that goes to one organization, small and large: column and fill together."""
    slug = Organization.objects.order_by("created_at")[0].slug
    for rows in (size // 5, size):
        table = make_table("constant", rows)
        begun = time.monotonic()
        fill(begin(table, route=f"org:{slug}"))
        print(f"org:SLUG, {rows:,} rows: {(time.monotonic() - begun) * 1000:.0f} ms, people and plan included")


def compare_django(size: int) -> None:
    """What a script with the ORM would do; the slow ones on few rows, by row."""
    table = make_table("orm", size)
    run(f"alter table {table} add org_id uuid; grant all on {table} to tenantry_owner")
    run(f"grant usage on schema {table.schema} to tenantry_owner")
    org = Organization.objects.order_by("created_at")[0].pk
    meta = type("Meta", (), {"app_label": "bench", "managed": False, "db_table": f'{table.schema}"."{table.table}'})
    fields = {"user_id": models.BigIntegerField(), "org_id": models.UUIDField(null=True), "__module__": __name__}
    rows: type[models.Model] = type(
        "Row", (models.Model,), {"Meta": meta, "id": models.BigIntegerField(primary_key=True)} | fields
    )

    def save() -> None:
        for row in rows._default_manager.filter(id__lte=FEW):
            row.org_id = org  # type: ignore[attr-defined]
            row.save()

    def bulk() -> None:
        found = list(rows._default_manager.filter(id__gt=FEW, id__lte=6 * FEW))
        for row in found:
            row.org_id = org  # type: ignore[attr-defined]
        rows._default_manager.bulk_update(found, ["org_id"], batch_size=500)

    def chunks() -> None:
        for first in range(6 * FEW, size, 5_000):
            rows._default_manager.filter(id__gt=first, id__lte=first + 5_000).update(org_id=org)

    for way, count, work in (
        (f"save() loop, {FEW} rows only", FEW, save),
        (f"bulk_update, {5 * FEW} rows only", 5 * FEW, bulk),
        ("queryset.update() of 5,000, one org", size - 6 * FEW, chunks),
    ):
        begun = time.monotonic()
        work()
        print(Figures(way, count, time.monotonic() - begun).line())


def pick_middle(found: list[Figures]) -> Figures:
    """The run of median speed; the longest batch is that of all runs."""
    middle = statistics.median_low([figures.seconds for figures in found])
    figures = next(f for f in found if f.seconds == middle)
    figures.longest_ms = max(f.longest_ms for f in found)
    return figures


PARTS: dict[str, Callable[[int], None]] = {
    "ways": compare_ways,
    "keys": compare_keys,
    "constants": compare_constants,
    "django": compare_django,
    "traffic": lambda size: describe_traffic(size, fill),
}


def main(*parts: str) -> None:
    if parts[:1] == ("join",):
        list(work_shares(Conversion.objects.get(number=int(parts[1])), settings()))
        return
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"bench/conversion.py: no part {', '.join(sorted(unknown))}; there are {' '.join(PARTS)}")
    with bench_database("bench_conversion"):
        make_people()
        for part in parts or PARTS:
            PARTS[part](SIZE)
