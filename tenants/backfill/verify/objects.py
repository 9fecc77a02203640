"""Checks that look at the catalog: what should stand in each phase stands, and is valid."""

from collections.abc import Iterator

from postgres.names import bound_name
from tenants.backfill.catalog.model import Table
from tenants.backfill.verify.results import Result
from tenants.backfill.verify.subject import Case, Subject
from tenants.doctor.findings import Level
from tenants.doctor.runner import examine
from tenants.models import Phase

RUN = "manage.py backfill_org_ids run --plan PLAN"
COLUMN, CONSTRAIN, GUARD = (Phase.values.index(p) for p in (Phase.COLUMN, Phase.CONSTRAIN, Phase.GUARD))


def reached(subject: Subject) -> int:
    """How far a table has come, as a number."""
    return Phase.values.index(subject.phase)


def check_phase(subject: Subject, case: Case) -> Iterator[Result]:
    """The table has come as far as NOT NULL: before that, nothing is enforced."""
    behind = reached(subject) < CONSTRAIN
    sentence = f"it has come as far as {subject.phase}" + (": org_id is not enforced yet" if behind else "")
    remedy = RUN if behind else ""
    yield Result(str(subject.name), "phase", int(behind), sentence, remedy=remedy)


def check_column(subject: Subject, case: Case) -> Iterator[Result]:
    """org_id is a NOT NULL uuid; on every partition too."""
    if reached(subject) < CONSTRAIN:
        return
    for table in _with_partitions(subject, case):
        column = table.column("org_id")
        fault = column is None or column.type != "uuid" or not column.not_null
        yield Result(str(table.name), "not null", int(fault), "org_id may be null" if fault else "org_id is NOT NULL")


def check_keys(subject: Subject, case: Case) -> Iterator[Result]:
    """The foreign key to organizations is there and validated; others that hold org_id are as they were without it."""
    if reached(subject) < CONSTRAIN:
        return
    keys = [key for key in subject.table.foreign_keys if "org_id" in key.columns]
    to_orgs = [key for key in keys if key.columns == ("org_id",) and key.to.table == "organizations"]
    sound = any(key.validated for key in to_orgs)
    missing = "no foreign key leads to organizations" if not to_orgs else f"not validated: {to_orgs[0].name}"
    yield Result(
        str(subject.name),
        "foreign keys",
        int(not sound),
        "the foreign key to organizations holds" if sound else missing,
    )
    unchecked = [key.name for key in keys if not key.validated and key not in to_orgs]
    sentence = f"never validated, neither before nor since: {', '.join(unchecked)}"
    if unchecked:
        yield Result(str(subject.name), "unvalidated keys", len(unchecked), sentence, warning=True)


def check_index(subject: Subject, case: Case) -> Iterator[Result]:
    """A valid index begins with org_id."""
    if reached(subject) < CONSTRAIN:
        return
    found = [i for i in subject.table.indexes if i.columns[:1] == ("org_id",) and i.valid]
    wanted = bound_name(f"idx_{subject.name.table}_org_id")
    yield Result(
        str(subject.name),
        "index",
        int(not found),
        f"index {found[0].name} begins with org_id" if found else f"no valid index begins with org_id ({wanted})",
    )


def check_guard(subjects: list[Subject]) -> Iterator[Result]:
    """What the doctor says of the tables that are guarded."""
    guarded = {str(s.name): s for s in subjects if reached(s) >= GUARD}
    if not guarded:
        return
    errors = [f for f in examine() if f.level is Level.ERROR]
    for name in guarded:
        mine = [f for f in errors if f.object == name or f.object.startswith((f"{name} ", f"{name}.", f"{name}:"))]
        said = "; ".join(f.reason for f in mine[:3]) if mine else "the guard stands"
        yield Result(name, "guard", len(mine), said, remedy="manage.py doctor" if mine else "")


def _with_partitions(subject: Subject, case: Case) -> Iterator[Table]:
    yield subject.table
    for name in subject.table.partitions:
        if name in case.catalog.tables:
            yield case.catalog.tables[name]
