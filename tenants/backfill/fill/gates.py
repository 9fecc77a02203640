"""A table's own triggers during the batches: gated by definition text, and put back by it.

DISABLE TRIGGER would silence live writers too, and session_replication_role needs a superuser.
"""

import re
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from postgres.roles import BATCH

# Row and statement triggers that an update of the column fires. A partition's copy follows its parent's trigger;
# internal ones are foreign keys; a trigger on other columns does not see us. Ours test the role themselves.
FIND = """
select t.tgname, n.nspname, c.relname, pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled::text, t.tgconstraint <> 0,
    d.description
from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_description d on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_trigger'::regclass
where t.tgrelid = any(%(oids)s) and not t.tgisinternal and t.tgparentid = 0 and t.tgtype & 16 <> 0
    and t.tgenabled in ('O', 'A')
    and (t.tgattr::text = '' or exists (select from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attname = %(column)s and a.attnum = any(t.tgattr::int2[])))
    and t.tgname not like 'fill\\_org\\_id\\_%%' and t.tgname not like 'org\\_id\\_immutable\\_%%'
    and pg_catalog.pg_get_triggerdef(t.oid) not like %(gate)s
order by n.nspname, c.relname, t.tgname
"""
GATE = f"CURRENT_USER <> '{BATCH}'::name"
# Strings, names and brackets may hold any of the words looked for.
TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|\bWHEN\b|\bEXECUTE FUNCTION\b""")


@dataclass(frozen=True)
class OwnTrigger:
    """A trigger of the table's own, as it stands."""

    name: str
    schema: str
    table: str
    definition: str
    enabled: str
    constraint: bool
    comment: str | None

    @property
    def place(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.table)


def find_triggers(db: CursorWrapper, oids: list[int], column: str = "org_id") -> list[OwnTrigger]:
    """The triggers that batches would fire, without those that are gated already."""
    db.execute(FIND, {"oids": oids, "column": column, "gate": f"%{GATE}%"})
    return [OwnTrigger(*row) for row in db.fetchall()]


def compose_gate(trigger: OwnTrigger) -> list[sql.Composable]:
    """Let the trigger fire for everybody but the batch role."""
    return _compose_trigger(trigger, gate_definition(trigger.definition))


def compose_ungate(trigger: OwnTrigger) -> list[sql.Composable]:
    """Put the trigger back as it was."""
    return _compose_trigger(trigger, trigger.definition)


def _compose_trigger(trigger: OwnTrigger, definition: str) -> list[sql.Composable]:
    name = sql.Identifier(trigger.name)
    # The server wrote the text; a constraint trigger cannot be replaced.
    statements: list[sql.Composable] = (
        [sql.SQL("drop trigger if exists {} on {}").format(name, trigger.place), sql.SQL(definition)]
        if trigger.constraint
        else [sql.SQL(definition.replace("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1))]
    )
    if trigger.enabled == "A":
        # Replacing it enables it the ordinary way.
        statements.append(sql.SQL("alter table {} enable always trigger {}").format(trigger.place, name))
    if trigger.constraint and trigger.comment:
        comment = sql.SQL("comment on trigger {} on {} is {}")
        statements.append(comment.format(name, trigger.place, sql.Literal(trigger.comment)))
    return statements


def gate_definition(definition: str) -> str:
    """Add the test of the role to the condition of a trigger, as pg_get_triggerdef writes it."""
    depth, when = 0, None
    for token in TOKEN.finditer(definition):
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if depth == 0 and token.group() == "WHEN":
            when = token.end()
        if depth == 0 and token.group() == "EXECUTE FUNCTION":
            head, tail = definition[: token.start()], definition[token.start() :]
            if when is None:
                return f"{head}WHEN ({GATE}) {tail}"
            return f"{head[:when]} ({head[when:].strip()} AND {GATE}) {tail}"
    raise ValueError(f"this trigger's definition could not be read: {definition}")
