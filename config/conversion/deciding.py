"""`quarantine`: rows without a decision, and deciding them."""

from dataclasses import asdict
from typing import Any

from django.core.management import CommandError

from config.conversion.answers import Answer
from config.conversion.watching import COMMAND, current_login
from tenants.backfill.deciding import WaitingRow, decide_rows, describe_rows, find_waiting
from tenants.backfill.status import name_plan_file
from tenants.backfill.steering import find_conversion
from tenants.models import Conversion


def quarantine(**options: Any) -> Answer:
    """List the rows that wait, or record a decision about some of them."""
    conversion = find_conversion(options["run"])
    return decide(conversion, **options) if options["decide"] else show_waiting(conversion, **options)


def show_waiting(conversion: Conversion, *, table: str, limit: int, **options: Any) -> Answer:
    """Row by row, with what could be meant."""
    if options["key"] or options["all"]:
        raise CommandError("--key and --all say which rows; --decide org:SLUG says where they belong. Give both.")
    rows = find_waiting(conversion, table=table)
    total, decided = rows.count(), rows.exclude(decided_org=None).count()
    shown = describe_rows(rows.select_related("table")[:limit])
    data = {"run": conversion.number, "waiting": total, "decided": decided, "rows": [asdict(row) for row in shown]}
    if not total:
        return Answer(data, f"Conversion {conversion.number}: no row waits in quarantine.")
    lines = [f"Conversion {conversion.number}: {total:,} rows wait in quarantine, {decided:,} of them are decided."]
    lines += [describe_row(row) for row in shown]
    if total > len(shown):
        lines.append(f"… and {total - len(shown):,} more: --limit {total}")
    if decided < total:
        lines.append(f"Decide: {COMMAND} quarantine --decide org:SLUG --key ID, or --all with or without --table TABLE")
    if decided:
        lines.append(f"Write what is decided: {COMMAND} run --plan {name_plan_file(conversion)}")
    return Answer(data, "\n".join(lines))


def describe_row(row: WaitingRow) -> str:
    """One row that waits."""
    key = ", ".join(f"{column}={value}" for column, value in row.key.items())
    could = f"; could be {', '.join(sorted(row.candidates.values()))}" if row.candidates else ""
    decided = f"; decided: {row.decided}" if row.decided else ""
    return f"  {row.id}  {row.table} {key}: {row.sentence}{could}{decided}"


def decide(conversion: Conversion, **options: Any) -> Answer:
    """Record it; the next run writes it."""
    kind, _, slug = options["decide"].partition(":")
    if kind != "org" or not slug:
        raise CommandError(f"--decide {options['decide']}: write it as org:SLUG.")
    if bool(options["key"]) == options["all"]:
        raise CommandError("Say which rows: --key ID, again for more, or --all with or without --table TABLE.")
    count = decide_rows(
        conversion,
        org=slug,
        actor=current_login(),
        table=options["table"],
        keys=options["key"],
        everything=options["all"],
    )
    rows = "row is" if count == 1 else "rows are"
    run = f"{COMMAND} run --plan {name_plan_file(conversion)}"
    text = f"{count:,} {rows} decided for {slug}. Next, to write it: {run}" if count else "No row waits there."
    return Answer({"run": conversion.number, "decided": count, "org": slug}, text)
