"""What a DBA wants to know of a table before signing its route."""

from collections.abc import Iterator

from tenants.backfill.catalog.model import Table
from tenants.backfill.names import write_name
from tenants.backfill.plan.model import write_list


def describe_table(table: Table, reasons: tuple[str, ...], fan_in: int) -> tuple[str, ...]:
    """Why, how big, and what stands on it: one line each."""
    return (*reasons, *_describe_size(table, fan_in), *_describe_surroundings(table))


def _describe_size(table: Table, fan_in: int) -> Iterator[str]:
    pointing = f"; {fan_in} {'table points' if fan_in == 1 else 'tables point'} to it" if fan_in else ""
    yield f"About {round_rows(table.rows):,} rows{pointing}."
    if table.partitions:
        shown = ", ".join(map(str, table.partitions[:5])) + (", …" if len(table.partitions) > 5 else "")
        yield f"Partitioned, converted with its {len(table.partitions)} partitions: {shown}."
    if table.primary_key is None:
        key = next((k for k in table.keys if k.not_null), None)
        yield f"No primary key; its key is {write_list(key.columns)}." if key else "It has no key at all."


def _describe_surroundings(table: Table) -> Iterator[str]:
    triggers = [t.name for t in table.triggers if not t.ours]
    if triggers:
        yield f"Triggers of its own: {', '.join(map(write_name, triggers))}."
    if warning := warn_of_copies(table):
        yield f"Look at it first: {warning}."
    policies = [p for p in table.policies if not p.ours]
    if table.row_security or policies:
        state = "forced" if table.forced_row_security else "enabled" if table.row_security else "not enabled"
        names = ", ".join(
            f"{write_name(p.name)} ({p.command} to {', '.join(map(write_name, p.roles))})" for p in policies
        )
        yield f"Row security is {state}; policies: {names or 'none'}."
    if table.dependents:
        yield f"Read by views: {', '.join(table.dependents)}."
    rights = "; ".join(f"{write_name(role)}: {', '.join(held)}" for role, held in table.grants.items())
    if "public" in table.grants:
        yield "PUBLIC has rights, which cannot be kept: grant them to the roles that need them, then cut public."
    yield f"Owner: {write_name(table.owner)}. Rights: {rights or 'of the owner only'}."


def warn_of_copies(table: Table) -> str:
    """Triggers that may fail as soon as a column is added, whoever adds it; empty: none."""
    names = sorted({trigger.name for trigger in table.triggers if trigger.copies_rows and not trigger.ours})
    if not names:
        return ""
    return (
        f"the function of {', '.join(map(write_name, names))} copies whole rows (new.* or old.*): where they go has to"
        " take one more column at the end, or the application's writes fail from the column on"
    )


def round_rows(rows: int) -> int:
    """To two digits: a plan is not to change with every analyze."""
    return round(rows, 2 - len(str(rows)))
