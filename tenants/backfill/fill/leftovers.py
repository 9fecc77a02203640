"""Rows that no rule gives an organization: counted by reason, quarantined where the plan says so."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from tenants.backfill.derive.expression import compose_derivation, read_decisions
from tenants.backfill.derive.keys import compare, load_key
from tenants.backfill.derive.objects import people_table
from tenants.backfill.fill.looks import LOOK_LOCK_MS, walk
from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.sessions import batch_role, batch_transaction
from tenants.backfill.fill.steps import Step
from tenants.backfill.names import read_name
from tenants.backfill.plan.model import ChoiceKind, RouteKind, read_choice
from tenants.models import ConversionTable, MemberState, OrgMember, QuarantinedRow, QuarantineReason

EXAMPLES = 3
NULLS = """
select {key}, {reason}, {person} from {table} as b {join} where {condition} and b.org_id is null
"""
DISAGREEING = """
select count(*) from (select b.org_id as kept, {derivation} as derived from {table} as b where {condition} offset 0) k
where kept is distinct from derived and kept is not null and derived is not null
"""


@dataclass
class Leftovers:
    """What is left of a table after its fill."""

    counts: Counter[str] = field(default_factory=Counter)
    """Rows by reason."""
    stopped: Counter[str] = field(default_factory=Counter)
    """Those among them at which the plan stops."""
    examples: dict[str, list[str]] = field(default_factory=dict)

    def describe_stop(self) -> str:
        """Counts and examples of what the plan has no answer to."""
        parts = []
        for reason, count in self.stopped.items():
            shown = ", ".join(self.examples[reason])
            parts.append(
                f"{count:,} where {QuarantineReason(reason).label} ({shown}{' …' if count > EXAMPLES else ''})"
            )
        keys = sorted({"many_orgs" if reason == QuarantineReason.MANY_ORGS else "no_org" for reason in self.stopped})
        return (
            f"{self.stopped.total():,} rows have no organization: {'; '.join(parts)}. Mend them, or write"
            f' "quarantine" or "org:SLUG" for {" and ".join(keys)} in the plan'
        )


def set_aside(table: ConversionTable, places: list[tuple[Relation, Step]]) -> Leftovers:
    """Look at the rows of `places` without organization; those at which the plan does not stop go to quarantine."""
    left = Leftovers()
    QuarantinedRow.objects.filter(table=table, decided_at=None, applied_at=None).delete()
    for relation, step in places:
        # Composed before the role is taken, which may not read our tables.
        query = _compose_nulls(table, relation, step)
        with batch_transaction(LOOK_LOCK_MS) as db:
            with batch_role(db):
                db.execute(query, None)
                found = db.fetchall()
            _note_rows(table, found, left)
    return left


def count_disagreeing(table: ConversionTable) -> int:
    """Rows whose organization was there before and is not the one they would be given."""
    total, derivation = 0, compose_derivation(read_decisions(table), "b")
    for relation, step in walk(table):
        query = sql.SQL(DISAGREEING).format(derivation=derivation, table=relation.sql, condition=step.condition("b"))
        with batch_transaction(LOOK_LOCK_MS) as db, batch_role(db):
            db.execute(query, None)
            total += (db.fetchone() or [0])[0]
    return total


def _compose_nulls(table: ConversionTable, relation: Relation, step: Step) -> sql.Composed:
    # Two partitions have rows at the same place.
    place = ("ctid",) if relation.oid == table.oid else ("ctid", "tableoid")
    names = relation.key or place
    pairs = [sql.SQL("{}, {}::text").format(sql.Literal(n), sql.Identifier("b", n)) for n in names]
    reason, person, join = _compose_reason(table)
    return sql.SQL(NULLS).format(
        key=sql.SQL("jsonb_build_object({})::text").format(sql.SQL(", ").join(pairs)),
        reason=reason,
        person=person,
        table=relation.sql,
        join=join,
        condition=step.condition("b"),
    )


def _compose_reason(table: ConversionTable) -> tuple[sql.Composable, sql.Composable, sql.Composable]:
    """Why, who, and the join that tells."""
    decisions = read_decisions(table)
    nobody = sql.SQL("null::uuid")
    if decisions.kind is RouteKind.USER:
        (column,) = decisions.columns
        value = sql.Identifier("b", column.name)
        on = compare(sql.SQL("p.person"), decisions.person, value, column)
        reason = sql.SQL(
            "case when {} is null then 'no_person' when p.person is null or p.user_id is null then 'unknown_person'"
            " when p.orgs > 1 then 'many_orgs' else 'no_org' end"
        ).format(value)
        join = sql.SQL("left join {} as p on {}").format(people_table(decisions.conversion), on)
        return reason, sql.SQL("p.user_id"), join
    if decisions.kind is RouteKind.PARENT:
        parent = decisions.parent
        matches = [
            compare(sql.Identifier("p", b["name"]), load_key(b), sql.Identifier("b", a.name), a)
            for a, b in zip(decisions.columns, parent["columns"], strict=True)
        ]
        exists = sql.SQL("exists (select from {} as p where {})").format(
            read_name(parent["name"]).sql, sql.SQL(" and ").join(matches)
        )
        return (
            sql.SQL("case when {} then 'parent_without_org' else 'no_parent' end").format(exists),
            nobody,
            sql.SQL(""),
        )
    return sql.SQL("'no_org'"), nobody, sql.SQL("")


def _note_rows(table: ConversionTable, found: list[Any], left: Leftovers) -> None:
    candidates = _find_candidates({person for _, _, person in found if person})
    rows = []
    for key, reason, person in found:
        left.counts[reason] += 1
        choice = read_choice(table.decisions["many_orgs" if reason == QuarantineReason.MANY_ORGS else "no_org"])
        if choice.kind is ChoiceKind.QUARANTINE:
            rows.append(
                QuarantinedRow(
                    table=table, row_key=load_row_key(key), reason=reason, candidates=candidates.get(person, [])
                )
            )
        else:
            left.stopped[reason] += 1
            if len(left.examples.setdefault(reason, [])) < EXAMPLES:
                left.examples[reason].append(describe_key(key))
    # A row that was decided and waits to be written keeps its decision.
    QuarantinedRow.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _find_candidates(people: set[Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    members = OrgMember.objects.filter(user_id__in=people, state=MemberState.ACTIVE).order_by("joined_at", "id")
    for user, org in members.values_list("user_id", "org_id"):
        found.setdefault(user, []).append(org)
    return found


def load_row_key(text: str) -> dict[str, str]:
    """A key as the quarantine keeps it."""
    found: dict[str, str] = json.loads(text)
    return found


def describe_key(text: str) -> str:
    """A key as people read it."""
    return ", ".join(f"{name} {value}" for name, value in load_row_key(text).items())
