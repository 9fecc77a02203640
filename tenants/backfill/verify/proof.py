"""Carrying out the proof: every check on every converted table, in one snapshot."""

from collections.abc import Callable, Iterator

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from tenants.backfill.catalog.model import Catalog
from tenants.backfill.plan.model import Plan, RouteKind
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
    for result in _check_all(case):
        results.append(result)
        yield result
    yield Proof(
        conversion.number,
        tuple(results),
        rows={str(name): _count_rows(s) for name, s in case.subjects.items() if _has_column(s)},
        orgs={str(name): _count_orgs(s, case) for name, s in case.subjects.items() if _has_column(s)},
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
    return Case(subjects, catalog)


def _build_subject(conversion: Conversion, known: ConversionTable, plan: Plan, catalog: Catalog) -> Subject:
    name = next(n for n in plan.tables if str(n) == known.name)
    made = ConversionChange.objects.filter(table=known, phase=Phase.COLUMN, kind="column").exists()
    return Subject(catalog.tables[name], plan.tables[name], known.phase, conversion.number, known.pk, not made)


def _check_all(case: Case) -> Iterator[Result]:
    for subject in case.subjects.values():
        checks = (*OF_OBJECTS, *OF_ROWS) if _has_column(subject) else (check_phase,)
        with _snapshot():
            for check in checks:
                yield from check(subject, case)
    yield from check_guard(list(case.subjects.values()))


def _snapshot() -> transaction.Atomic:
    return transaction.atomic(durable=True)


def _has_column(subject: Subject) -> bool:
    return subject.table.column("org_id") is not None


def _count_rows(subject: Subject) -> int:
    return int(ask(sql.SQL("select count(*) from {}").format(subject.name.sql))[0][0])


def _count_orgs(subject: Subject, case: Case) -> dict[str, int]:
    statement = sql.SQL(
        "select coalesce(o.slug, case when t.org_id is null then '(none)' else t.org_id::text end), count(*)"
        " from {} t left join {} o on o.id = t.org_id group by 1 order by 2 desc, 1"
    ).format(subject.name.sql, case.ours("organizations"))
    return dict(ask(statement))
