"""What a table needs while its rows are filled, recorded as temporary changes, and put back afterwards."""

from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from postgres.roles import BATCH
from tenants.backfill.changes import change_schema, undo_temporary
from tenants.backfill.fill.errors import FillError
from tenants.backfill.fill.gates import compose_gate, compose_ungate, find_triggers
from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.row_security import find_policy_changes
from tenants.models import ConversionTable, Phase

FACTS = """
select n.nspname, c.relname, c.relrowsecurity,
    coalesce((select option_value from pg_catalog.pg_options_to_table(c.reloptions)
        where option_name = 'autovacuum_enabled'), ''),
    has_schema_privilege(%(batch)s, n.oid, 'USAGE'),
    has_table_privilege(%(batch)s, c.oid, 'SELECT'),
    exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id')
        and has_column_privilege(%(batch)s, c.oid, 'org_id', 'UPDATE'),
    (select string_agg(quote_ident(rulename), ', ') from pg_catalog.pg_rewrite
        where ev_class = c.oid and ev_type = '2' and ev_enabled <> 'D')
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = %(oid)s
"""


@dataclass(frozen=True)
class Facts:
    """What stands at a relation before the fill."""

    schema: str
    name: str
    row_security: bool
    autovacuum: str
    may_enter: bool
    may_read: bool
    may_write: bool
    rules: str | None

    @property
    def sql(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)


class Preparation:
    """Opens a table to the batch role for the time of its fill; safe to run again."""

    def __init__(self, table: ConversionTable, *, lock_ms: int) -> None:
        self.table = table
        self.lock_ms = lock_ms

    def open_relation(self, relation: Relation, *, passes: bool) -> None:
        """Grants, a policy under row security, and no autovacuum between passes."""
        facts = self.open_for_reading(relation.oid)
        if facts.rules:
            raise FillError(
                f"{relation.label} has the rule {facts.rules} on UPDATE: batches would not do what they say."
                " Drop it, or leave this table to a person."
            )
        if not facts.may_write:
            grant = sql.SQL("grant update (org_id) on {} to {}")
            revoke = sql.SQL("revoke update (org_id) on {} from {}")
            self._change("grant_update", relation.label, grant, revoke, facts.sql)
        if passes and relation.closed:
            names = sql.SQL(", ").join(map(sql.Identifier, relation.closed))
            self._change(
                "grant_columns",
                f"{relation.label} ({', '.join(relation.closed)})",
                sql.SQL("grant update ({}) on {} to {}").format(names, facts.sql, sql.Identifier(BATCH)),
                sql.SQL("revoke update ({}) on {} from {}").format(names, facts.sql, sql.Identifier(BATCH)),
            )
        if passes and facts.autovacuum != "false":
            undo = (
                f"set (autovacuum_enabled = {facts.autovacuum})" if facts.autovacuum else "reset (autovacuum_enabled)"
            )
            self._change(
                "autovacuum",
                relation.label,
                sql.SQL("alter table {} set (autovacuum_enabled = false)"),
                sql.SQL("alter table {} " + undo),
                facts.sql,
            )

    def open_for_reading(self, oid: int) -> Facts:
        """Let the batch role read a table: its own, or the parent of its rows."""
        facts = read_facts(oid)
        label = f"{facts.schema}.{facts.name}"
        if not facts.may_enter:
            schema = sql.Identifier(facts.schema)
            grant = sql.SQL("grant usage on schema {} to {}")
            self._change("grant_usage", facts.schema, grant, sql.SQL("revoke usage on schema {} from {}"), schema)
        if not facts.may_read:
            grant = sql.SQL("grant select on {} to {}")
            self._change("grant_select", label, grant, sql.SQL("revoke select on {} from {}"), facts.sql)
        for change in find_policy_changes(oid, facts.sql) if facts.row_security else ():
            self._change(change.kind, f"{label}.{change.name}", change.make, change.undo)
        return facts

    def gate_triggers(self, oids: list[int]) -> list[str]:
        """Keep the table's own triggers from firing for the batch role; return their names."""
        with connection.cursor() as db:
            found = find_triggers(db, oids)
        for trigger in found:
            change_schema(
                self.table,
                *compose_gate(trigger),
                phase=Phase.FILL,
                kind="trigger_gated",
                name=f"{trigger.schema}.{trigger.table}.{trigger.name}",
                undo=sql.SQL(";\n").join(compose_ungate(trigger)),
                lock_ms=self.lock_ms,
                temporary=True,
            )
        return [trigger.name for trigger in found]

    def _change(
        self, kind: str, name: str, make: sql.Composable, undo: sql.Composable, subject: sql.Composable | None = None
    ) -> None:
        role = sql.Identifier(BATCH)
        if isinstance(make, sql.SQL) and isinstance(undo, sql.SQL) and subject is not None:
            make, undo = make.format(subject, role), undo.format(subject, role)
        # What several tables need is the conversion's: the first to finish must not take it from the others.
        subject_of_change = self.table if kind in ("autovacuum", "grant_columns") else self.table.conversion
        change_schema(
            subject_of_change,
            make,
            phase=Phase.FILL,
            kind=kind,
            name=name,
            undo=undo,
            lock_ms=self.lock_ms,
            temporary=True,
        )


def read_facts(oid: int) -> Facts:
    with connection.cursor() as db:
        db.execute(FACTS, {"oid": oid, "batch": BATCH})
        row = db.fetchone()
    if row is None:
        raise FillError(f"The table with oid {oid} is gone. Run discover again.")
    return Facts(*row)


def close_table(table: ConversionTable, *, lock_ms: int) -> None:
    """Put back what was changed for the time of the fill."""
    undo_temporary(table.conversion, lock_ms=lock_ms, table=table)
