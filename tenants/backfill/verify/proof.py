"""Carrying out the proof: every check on every converted table, each table in one snapshot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from tenants.backfill.catalog.model import Catalog
from tenants.backfill.kept import NOTED
from tenants.backfill.people.source import read_source
from tenants.backfill.plan.model import Plan, RouteKind
from tenants.backfill.plan.routes import resolve_route
from tenants.backfill.verify.counting import ask
from tenants.backfill.verify.objects import check_column, check_guard, check_index, check_keys, check_phase
from tenants.backfill.verify.results import Proof, Result
from tenants.backfill.verify.rows import check_derivation, check_nulls, check_orphans, check_pairs
from tenants.backfill.verify.subject import Case, Subject
from tenants.models import Conversion, ConversionChange, ConversionTable, Phase

Check = Callable[[Subject, Case], Iterator[Result]]
OF_ROWS: tuple[Check, ...] = (check_nulls, check_orphans, check_derivation, check_pairs)
OF_OBJECTS: tuple[Check, ...] = (check_phase, check_column, check_keys, check_index)


def prove(conversion: Conversion, plan: Plan, catalog: Catalog) -> Iterator[Result | Proof]:
    """Yield every result as it is found, and the whole proof at the end."""
    case = build_case(conversion, plan, catalog)
    results: list[Result] = []
    rows: dict[str, int] = {}
    orgs: dict[str, dict[str, int]] = {}
    for subject in case.subjects.values():
        with reading_as_login():
            for result in _check(subject, case):
                results.append(result)
                yield result
            if _has_column(subject):
                orgs[str(subject.name)] = _count_orgs(subject, case)
                rows[str(subject.name)] = sum(orgs[str(subject.name)].values())
    for result in check_guard(list(case.subjects.values())):
        results.append(result)
        yield result
    yield Proof(
        conversion.number,
        tuple(results),
        rows=rows,
        orgs=orgs,
        phases={str(name): s.phase for name, s in case.subjects.items()},
        exempt=tuple(str(t.name) for t in plan.tables.values() if t.route.kind is RouteKind.EXEMPT),
        at=timezone.now().isoformat(timespec="seconds"),
        server=str(connection.pg_version),  # type: ignore[attr-defined]
    )


def build_case(conversion: Conversion, plan: Plan, catalog: Catalog) -> Case:
    """The tables that this conversion knows, as they stand now."""
    known = {table.name: table for table in ConversionTable.objects.filter(conversion=conversion)}
    subjects = {
        name: _build_subject(conversion, known[str(name)], plan, catalog)
        for name, decided in sorted(plan.tables.items())
        if decided.converts and str(name) in known and name in catalog.tables
    }
    return Case(subjects, catalog, read_source(plan.people).key)


def _build_subject(conversion: Conversion, known: ConversionTable, plan: Plan, catalog: Catalog) -> Subject:
    name = next(n for n in plan.tables if str(n) == known.name)
    made = ConversionChange.objects.filter(table=known, phase=Phase.COLUMN, kind="column", undone_at=None).exists()
    noted = ConversionChange.objects.filter(table=known, kind=NOTED, undone_at=None).exists()
    resolved = replace(plan.tables[name], route=resolve_route(plan.tables[name], catalog))
    return Subject(catalog.tables[name], resolved, known.phase, conversion.number, known.pk, known.oid, not made, noted)


def _check(subject: Subject, case: Case) -> Iterator[Result]:
    checks = (*OF_OBJECTS, *OF_ROWS) if _has_column(subject) else (check_phase,)
    for check in checks:
        yield from check(subject, case)


@contextmanager
def reading_as_login() -> Iterator[None]:
    """One snapshot, read only, with the rights of the login: it may read the old tables, and ours as well."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only; set local role none")
        yield


def _has_column(subject: Subject) -> bool:
    return subject.table.column("org_id") is not None


def _count_orgs(subject: Subject, case: Case) -> dict[str, int]:
    statement = sql.SQL(
        "select coalesce(o.slug, case when t.org_id is null then '(none)' else t.org_id::text end), count(*)"
        " from {} t left join {} o on o.id = t.org_id group by 1 order by 2 desc, 1"
    ).format(subject.name.sql, case.ours("organizations"))
    return dict(ask(statement))
