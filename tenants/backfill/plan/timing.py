"""How long a fill may take: by the fills that this database has seen, else a guess, and said to be one."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Sum

from tenants.models import ConversionTable

# Until a fill was measured here: rough figures per row and per byte of it, for a machine on which CALIBRATION takes as
# long as it says.
PER_ROW, PER_BYTE, PER_ROW_CHECKED = 12e-6, 2e-8, 4e-7
CALIBRATION, CALIBRATION_SECONDS = "select count(md5(n::text)) from generate_series(1, 50000) n", 0.02
# Fewer rows say more about beginning and end than about a fill.
ENOUGH = 10_000


@dataclass(frozen=True)
class Pace:
    """What is known of this server: seconds per row it has filled, and how slow it is beside another one."""

    per_row: float | None
    slower: float

    @property
    def basis(self) -> str:
        """Where an expected time comes from."""
        return "by earlier fills here" if self.per_row else "a guess: no fill was measured here yet"

    def expect_check(self, rows: int) -> float:
        """Rows that are only looked through, three times."""
        return round(rows * PER_ROW_CHECKED * 3 * self.slower, 1)

    def expect_fill(self, rows: int, width: float) -> float:
        """Rows that are written, and looked through."""
        written = self.per_row or (PER_ROW + width * PER_BYTE) * self.slower
        return round(self.expect_check(rows) + rows * written, 1)


def measure_pace(cursor: Any) -> Pace:
    """Ask for the fills of the past, and for a piece of work that every server can do."""
    begun = time.perf_counter()
    cursor.execute(CALIBRATION)
    return Pace(_read_per_row(), max(0.2, (time.perf_counter() - begun) / CALIBRATION_SECONDS))


def _read_per_row() -> float | None:
    span = ExpressionWrapper(F("fill_finished_at") - F("fill_started_at"), output_field=DurationField())
    filled = ConversionTable.objects.filter(rows_changed__gte=ENOUGH, fill_finished_at__isnull=False)
    found = filled.aggregate(rows=Sum("rows_changed"), span=Sum(span))
    spent: timedelta = found["span"] or timedelta()
    return spent.total_seconds() / found["rows"] if spent else None
