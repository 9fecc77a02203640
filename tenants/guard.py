"""Everything the database enforces on one org table, as statements: for Django models and for any other table.

Statements keep `{schema}`; whoever runs them fills it, so that fingerprints do not depend on a setting.
"""

import hashlib
from dataclasses import dataclass

from postgres.names import array_literal, bound_name, literal, quote
from postgres.rules import Rule, protect_statements, unprotect_statements

# By the functions of our schema: an old application may call one of its own `set_updated_at`.
DROP_TRIGGERS = """do $guard$ declare t name; begin
for t in select g.tgname from pg_catalog.pg_trigger g join pg_catalog.pg_proc f on f.oid = g.tgfoid
    where g.tgrelid = {regclass}::regclass and not g.tgisinternal and g.tgparentid = 0
        and f.pronamespace = '{schema}'::regnamespace and f.proname in
        ('audit_trigger_function', 'log_truncate', 'keep_org_id', 'set_updated_at', 'soft_delete')
loop execute pg_catalog.format('drop trigger %I on %s', t, {regclass}::regclass); end loop; end $guard$"""

# A key that stands is kept, under the name the table has now: making it anew would check every row under a lock.
ORG_KEY = """do $guard$ declare held name; begin
select c.conname into held from pg_catalog.pg_constraint c join pg_catalog.pg_attribute a
    on a.attrelid = c.conrelid and c.conkey = array[a.attnum] and a.attname = 'org_id'
    where c.conrelid = {regclass}::regclass and c.contype = 'f' and c.confrelid = '{schema}.organizations'::regclass;
if held is null then
    alter table {table} add constraint {name}
        foreign key (org_id) references {schema}.organizations (id) on delete cascade;
elsif held <> {bare} then
    execute pg_catalog.format('alter table %s rename constraint %I to %I', {regclass}::regclass, held, {bare});
end if; end $guard$"""


@dataclass(frozen=True)
class GuardedTable:
    """A table and what its guard depends on; `table` is quoted, `name` is bare, `org_column` may be empty."""

    table: str
    name: str
    rules: tuple[Rule, ...]
    org_column: str = "org_id"
    key_column: str = "id"
    redacted: tuple[str, ...] = ()
    audited: bool = True
    touched: bool = True
    soft_delete: bool = False
    deleted_with: tuple[tuple[str, str], ...] = ()
    logged_as: str = ""
    """What the log calls it, where that is more than its name."""

    def org_key(self) -> str | None:
        """The foreign key that ties a row to its organization; organizations themselves have none."""
        if self.org_column != "org_id":
            return None
        name = bound_name(f"fk_{self.name}_org_id")
        filled = ORG_KEY.replace("{regclass}", literal(self.table)).replace("{table}", self.table)
        return filled.replace("{name}", quote(name)).replace("{bare}", literal(name))


def trigger(name: str, timing: str, table: str, function: str, *arguments: str, row: bool = True) -> str:
    """One trigger, replaced where it stands already."""
    each = "for each row" if row else "for each statement"
    call = f"{function}({', '.join(map(literal, arguments))})"
    head = f"create or replace trigger {quote(bound_name(name))} {timing} on {table}"
    return f"{head} {each} execute function {{schema}}.{call}"


def drop_triggers(table: str) -> str:
    """Drop our triggers, whatever they are called: the table may have been renamed since."""
    return DROP_TRIGGERS.replace("{regclass}", literal(table))


def trigger_statements(guarded: GuardedTable) -> list[str]:
    """Immutability, `updated_at` and the log."""
    name, table = guarded.name, guarded.table
    statements = []
    if guarded.org_column == "org_id":
        statements.append(trigger(f"org_id_immutable_{name}", "before update", table, "keep_org_id"))
    if guarded.touched:
        statements.append(trigger(f"set_updated_at_{name}", "before update", table, "set_updated_at"))
    if guarded.soft_delete:
        followers = "{" + ",".join(f"{t}:{column}" for t, column in guarded.deleted_with) + "}"
        statements.append(trigger(f"soft_delete_{name}", "before delete", table, "soft_delete", followers))
    if guarded.audited:
        redacted = array_literal(guarded.redacted)
        logged = guarded.logged_as or name
        arguments = (logged, guarded.key_column, guarded.org_column, redacted)
        events = "after insert or update or delete"
        statements.append(trigger(f"audit_{name}", events, table, "audit_trigger_function", *arguments))
        statements.append(trigger(f"log_truncate_{name}", "after truncate", table, "log_truncate", logged, row=False))
    return statements


def guard_statements(guarded: GuardedTable) -> list[str]:
    """Put the guard on; safe to run again."""
    org_key = guarded.org_key()
    return [
        *([org_key] if org_key else []),
        *protect_statements(guarded.table, guarded.rules),
        drop_triggers(guarded.table),
        *trigger_statements(guarded),
    ]


def unguard_statements(guarded: GuardedTable) -> list[str]:
    """Take the guard off, under whatever name the table had when it was put on."""
    return [drop_triggers(guarded.table), *unprotect_statements(guarded.table)]


def fingerprint(guarded: GuardedTable) -> str:
    """Changes when the guard's statements do, and so makes `makemigrations` write one."""
    # What is dropped first is no part of what stands afterwards.
    lasting = [s for s in guard_statements(guarded) if not s.startswith("do ")]
    text = " ".join("\n".join(lasting).split())
    return hashlib.sha256(text.encode()).hexdigest()[:12]
