"""Checks that look at every row, each by a join that the engine never makes."""

from collections.abc import Iterator

from psycopg import sql

from tenants.backfill.catalog.row_key import compose_key
from tenants.backfill.derive.keys import compare, match_rows, read_key
from tenants.backfill.plan.model import Choice, ChoiceKind, RouteKind
from tenants.backfill.verify.counting import as_t, count_faults
from tenants.backfill.verify.results import Result
from tenants.backfill.verify.subject import Case, Subject

RUN = "manage.py backfill_org_ids run --plan PLAN"
ELSEWHERE = "{} rows are in another organization than their route leads to"
ORG_BY_SLUG = "(select o.id from {} o where o.slug = {})"


def check_nulls(subject: Subject, case: Case) -> Iterator[Result]:
    """No row is without organization."""
    remedy = "manage.py backfill_org_ids quarantine"
    yield count_faults(
        subject, "nulls", as_t(subject), sql.SQL("t.org_id is null"), "{} rows are without organization", remedy
    )


def check_orphans(subject: Subject, case: Case) -> Iterator[Result]:
    """Every organization exists."""
    source = sql.SQL("{} t left join {} o on o.id = t.org_id").format(subject.name.sql, case.ours("organizations"))
    condition = sql.SQL("t.org_id is not null and o.id is null")
    yield count_faults(subject, "orphans", source, condition, "{} rows name an organization that does not exist")


def check_derivation(subject: Subject, case: Case) -> Iterator[Result]:
    """Every row is where its route leads, those aside that a person decided or that had a value before."""
    match subject.plan.route.kind:
        case RouteKind.USER:
            source, wanted = _by_person(subject, case)
        case RouteKind.PARENT:
            source, wanted = _by_parent(subject, case)
        case _:
            source, wanted = as_t(subject), _org(subject.plan.route.slug, case)
    decided = _decided(subject, case, wanted)
    condition = sql.SQL("t.org_id is distinct from {} and not {}").format(wanted, decided)
    if subject.kept_values:
        yield from _check_kept(subject, source, condition)
        return
    # Children follow parents that have moved at the end of a run.
    remedy = RUN if subject.plan.route.kind is RouteKind.PARENT else ""
    yield count_faults(subject, "derivation", source, condition, ELSEWHERE, remedy)


def _check_kept(subject: Subject, source: sql.Composable, elsewhere: sql.Composable) -> Iterator[Result]:
    """Values from before the conversion are kept; whatever else disagrees is a fault."""
    if not subject.kept_noted:
        sentence = f"{ELSEWHERE}; org_id stood here before, and which of its values are from then was not noted"
        yield count_faults(subject, "kept values", source, elsewhere, sentence, warning=True)
        return
    kept = sql.SQL("exists (select from {} k where k.row_key = {} and k.org_id = t.org_id)").format(
        subject.kept_rows, subject.row_key("t")
    )
    both = sql.SQL("{} and {}{}")
    sentence = "{} rows disagree with their route, and keep the organization that they had before the conversion"
    yield count_faults(
        subject, "kept values", source, both.format(elsewhere, sql.SQL(""), kept), sentence, warning=True
    )
    yield count_faults(subject, "derivation", source, both.format(elsewhere, sql.SQL("not "), kept), ELSEWHERE)


def _by_person(subject: Subject, case: Case) -> tuple[sql.Composable, sql.Composable]:
    column = subject.plan.route.columns[0]
    (key,) = read_key(subject.name, (column,))
    on = compare(sql.Identifier("p", "person"), case.person, sql.Identifier("t", column), key)
    source = sql.SQL("{} t left join {} p on {}").format(subject.name.sql, subject.people, on)
    wanted = sql.SQL("case when coalesce(p.orgs, 0) = 0 then {} when p.orgs = 1 then p.org_id else {} end")
    return source, wanted.format(_chosen(subject.plan.no_org, case), _chosen(subject.plan.many_orgs, case))


def _by_parent(subject: Subject, case: Case) -> tuple[sql.Composable, sql.Composable]:
    route = subject.plan.route
    assert route.to is not None  # noqa: S101 - resolved routes name their target
    on = match_rows("t", subject.name, route.columns, "p", route.to, route.to_columns)
    source = sql.SQL("{} t left join {} p on {}").format(subject.name.sql, route.to.sql, on)
    return source, sql.SQL("coalesce(p.org_id, {})").format(_chosen(subject.plan.no_org, case))


def _chosen(choice: Choice, case: Case) -> sql.Composable:
    if choice.kind is ChoiceKind.ORG:
        return _org(choice.slug, case)
    if choice.kind in (ChoiceKind.ACTIVE, ChoiceKind.EARLIEST):
        return sql.Identifier("p", f"{choice.kind}_org")
    # Nothing to compare with: such a row has to be null, or decided by a person.
    return sql.SQL("null::uuid")


def _org(slug: str, case: Case) -> sql.Composable:
    return sql.SQL(ORG_BY_SLUG).format(case.ours("organizations"), sql.Literal(slug))


def _decided(subject: Subject, case: Case, wanted: sql.Composable) -> sql.Composable:
    """Whether a person decided this row, and it is where they said.

    A row without a key got another place when that was written: here a row that its route leads nowhere may be in any
    organization that was chosen for one like it.
    """
    if subject.waiting_key:
        which = sql.SQL("q.row_key = {}").format(compose_key(subject.waiting_key, "t"))
    else:
        which = sql.SQL("q.applied_at is not null and {} is null").format(wanted)
    return sql.SQL(
        "exists (select from {} q where q.table_id = {}::uuid and q.decided_org_id = t.org_id and {})"
    ).format(case.ours("conversion_quarantine"), sql.Literal(str(subject.table_id)), which)


def check_pairs(subject: Subject, case: Case) -> Iterator[Result]:
    """No foreign key leads from one organization into another; with its parent a child agrees."""
    for key in subject.table.foreign_keys:
        target = case.subjects.get(key.to)
        pairs = [(a, b) for a, b in zip(key.columns, key.to_columns, strict=True) if (a, b) != ("org_id", "org_id")]
        if target is None or not pairs:
            continue
        on = sql.SQL(" and ").join(
            sql.SQL("p.{} = t.{}").format(sql.Identifier(b), sql.Identifier(a)) for a, b in pairs
        )
        source = sql.SQL("{} t join {} p on {}").format(subject.name.sql, target.name.sql, on)
        yield count_faults(
            subject,
            "pairs",
            source,
            sql.SQL("p.org_id is distinct from t.org_id"),
            f"{{}} rows point by {key.name} into another organization, in {target.name}",
        )
