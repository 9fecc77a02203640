"""Keeps what the doctor found, so that those who have no shell see it in the console."""

from collections import Counter

from tenants.doctor.findings import Finding, Level
from tenants.models import DoctorRun

# The gravest come first; a table that lost its guard a hundred times over is understood by then.
KEPT_FINDINGS = 200
KEPT_RUNS = 30


def keep_run(findings: list[Finding], *, made_by: str) -> DoctorRun:
    """Write down one look at the whole database, and forget the oldest; in the owner's scope."""
    counts = Counter(finding.level for finding in findings)
    run = DoctorRun.objects.create(
        made_by=made_by,
        errors=counts[Level.ERROR],
        warnings=counts[Level.WARNING],
        notes=counts[Level.INFO],
        findings=[finding.as_dict() for finding in findings[:KEPT_FINDINGS]],
    )
    kept = DoctorRun.objects.values_list("pk", flat=True)[:KEPT_RUNS]
    DoctorRun.objects.exclude(pk__in=list(kept)).delete()
    return run


def count_levels(run: DoctorRun) -> str:
    """What was found, in words: `2 errors, 1 warning, 3 notes`; empty if nothing was."""
    return _tell((run.errors, "error"), (run.warnings, "warning"), (run.notes, "note"))


def count_faults(run: DoctorRun) -> str:
    """What somebody should do something about, in words; empty if there is nothing."""
    return _tell((run.errors, "error"), (run.warnings, "warning"))


def _tell(*counts: tuple[int, str]) -> str:
    return ", ".join(f"{n:,} {word}{'' if n == 1 else 's'}" for n, word in counts if n)
