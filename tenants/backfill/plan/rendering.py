"""The dry run as people read it."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from tenants.backfill.plan.steps import Step

MOST_ORGS = 8


class Estimate(Protocol):
    """What is shown of a table."""

    @property
    def table(self) -> str: ...
    @property
    def route(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def about(self) -> bool: ...
    @property
    def kept(self) -> int: ...
    @property
    def nulls(self) -> int: ...
    @property
    def orphans(self) -> int: ...
    @property
    def without_org(self) -> int: ...
    @property
    def many_orgs(self) -> int: ...
    @property
    def orgs(self) -> dict[str, int]: ...
    @property
    def seconds(self) -> float: ...
    @property
    def basis(self) -> str: ...
    @property
    def steps(self) -> tuple[Step, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def stops(self) -> tuple[str, ...]: ...


def render_estimates(estimates: Iterable[Estimate]) -> str:
    """One block per table: where its rows go, what is sent with which locks, and what stops it."""
    found = list(estimates)
    seconds = sum(estimate.seconds for estimate in found)
    rows = sum(estimate.rows for estimate in found)
    basis = next((estimate.basis for estimate in found if estimate.basis), "a guess")
    total = f"{len(found)} tables, {rows:,} rows, {write_seconds(seconds)} with one worker ({basis})."
    return "\n\n".join(["\n".join(_render(estimate)) for estimate in found] + [total])


def _render(estimate: Estimate) -> Iterator[str]:
    about = "about " if estimate.about else ""
    time = f", {write_seconds(estimate.seconds)} ({estimate.basis})" if estimate.steps else ""
    yield f"{estimate.table}  {estimate.route}  {about}{estimate.rows:,} rows{time}"
    counts = {
        "kept": estimate.kept,
        "null": estimate.nulls,
        "missing": estimate.orphans,
        "without organization": estimate.without_org,
        "of several organizations": estimate.many_orgs,
    }
    if any(counts.values()):
        yield "  rows: " + ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    if estimate.orgs:
        shown = list(estimate.orgs.items())[:MOST_ORGS]
        more = len(estimate.orgs) - len(shown)
        tail = f", and {more:,} more" if more else ""
        yield "  to: " + ", ".join(f"{slug or '(gone)'} {count:,}" for slug, count in shown) + tail
    for step in estimate.steps:
        yield f"  {step.phase:<9} {step.sql}"
        yield f"            {step.lock}: {step.held}"
    for note in estimate.notes:
        yield f"  note: {note}"
    for stop in estimate.stops:
        yield f"  STOPS: {stop}"


def write_seconds(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 1:
        return "under a second"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
