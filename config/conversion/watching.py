"""`status`, `pause`, `resume` and the command without a verb."""

from typing import Any

from django.db import connection

from config.conversion.answers import Answer
from config.conversion.display import describe_time
from tenants.backfill.status import ConversionStatus, TableStatus, name_plan_file, read_status
from tenants.backfill.steering import find_conversion, pause_conversion, resume_conversion
from tenants.models import Conversion, ConversionState, Phase

COMMAND = "manage.py backfill_org_ids"
# Schemas of other people's with tables that point to a person: worth a discover.
CANDIDATES = """
select n.nspname, count(distinct c.oid) from pg_catalog.pg_namespace n
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p') and not c.relispartition
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname not in (current_schema(), 'private', 'information_schema') and n.nspname !~ '^pg_'
    and a.attname in ('user_id', 'owner_id', 'created_by', 'created_by_id', 'author_id', 'account_id')
    and n.nspname not in (select unnest(k.schemas) from conversions k where k.state <> 'undone')
group by 1 order by 2 desc, 1
"""


def overview(**options: Any) -> Answer:
    """What there is to do, and the next command to type."""
    open_ones = [read_status(c) for c in Conversion.objects.filter(state=ConversionState.OPEN).order_by("number")]
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES)
        schemas = dict(cursor.fetchall())
    lines = [summarize(status) for status in open_ones]
    lines += [
        f"Schema {name} has {count} table{'s' if count > 1 else ''} of people's rows without organization. Next:"
        f" {COMMAND} discover --schema {name} --plan conversion.toml"
        for name, count in schemas.items()
    ]
    if not lines:
        done = Conversion.objects.filter(state=ConversionState.RELEASED).count()
        lines = [f"Nothing to convert: no open conversion, {done} released, and no other schema with people's rows."]
    return Answer({"open": [s.as_json() for s in open_ones], "schemas": schemas}, "\n".join(lines))


def summarize(status: ConversionStatus) -> str:
    """One conversion in a line."""
    phases = [table.phase for table in status.tables]
    counts = ", ".join(f"{phases.count(phase)} at {phase}" for phase in Phase.values if phase in phases)
    state = status.paused or (f"carried out by {status.coordinator}" if status.coordinator else "not running")
    waiting = sum(table.waiting_rows for table in status.tables)
    held = f" {waiting:,} rows wait in quarantine." if waiting else ""
    nothing = "" if status.coordinator or not status.next_command else f" Next: {status.next_command}"
    return f"Conversion {status.number}: {len(phases)} tables, {counts or 'none yet'}; {state}.{held}{nothing}"


def show_status(**options: Any) -> Answer:
    """Every table of a conversion."""
    status = read_status(find_conversion(options["run"]))
    return Answer(status.as_json(), "\n".join([summarize(status), *_list_tables(status), *_list_workers(status)]))


def _list_tables(status: ConversionStatus) -> list[str]:
    width = max((len(table.table) for table in status.tables), default=0)
    return [_describe_table(table, width) for table in status.tables]


def _describe_table(table: TableStatus, width: int) -> str:
    line = f"  {table.table:<{width}}  {table.phase:<9}  {table.state:<7}"
    if table.rows_passed or table.rows_estimate:
        total = max(table.rows_estimate, table.rows_passed)
        line += f"  {table.rows_passed:,}/{total:,} rows"
    if table.seconds_left is not None:
        line += f", {table.rate:,.0f}/s, {describe_time(table.seconds_left)} left"
    if table.waiting_rows:
        line += f", {table.waiting_rows:,} in quarantine"
    return f"{line}  {table.reason}".rstrip()


def _list_workers(status: ConversionStatus) -> list[str]:
    return [f"  worker {w.name}: {w.held_because or w.task or 'between two batches'}" for w in status.workers]


def pause(**options: Any) -> Answer:
    """Let every worker end after its batch."""
    conversion = find_conversion(options["run"])
    changed = pause_conversion(conversion, reason=options["reason"], actor=current_login())
    said = "is paused: workers end after their batch" if changed else "was paused already, or is not open"
    return Answer(
        {"run": conversion.number, "changed": changed},
        f"Conversion {conversion.number} {said}. Next: {COMMAND} resume --run {conversion.number}",
    )


def resume(**options: Any) -> Answer:
    """Take a pause back."""
    conversion = find_conversion(options["run"])
    changed = resume_conversion(conversion)
    said = "may go on" if changed else "was not paused"
    return Answer(
        {"run": conversion.number, "changed": changed},
        f"Conversion {conversion.number} {said}. Next: {COMMAND} run --plan {name_plan_file(conversion)}",
    )


def current_login() -> str:
    """Who types, as the log writes it."""
    with connection.cursor() as cursor:
        cursor.execute("select 'db:' || session_user")
        return str(cursor.fetchone()[0])
