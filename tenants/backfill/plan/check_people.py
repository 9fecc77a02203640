"""Whether the people of a plan can be found among the users."""

from collections.abc import Iterator

from postgres.names import quote
from tenants.backfill.catalog.model import Table
from tenants.backfill.discover.people import comparable
from tenants.backfill.names import write_name
from tenants.backfill.plan.faults import FILE, Fault
from tenants.backfill.plan.model import PeoplePlan, Plan
from tenants.backfill.plan.world import World


def check_people(plan: Plan, world: World) -> Iterator[Fault]:
    """Check [people]: the table, its key, its e-mail and what becomes of the unknown."""
    people = plan.people
    if people is None:
        return
    table = world.catalog.tables.get(people.table)
    if table is None or table.kind not in ("table", "partitioned"):
        yield _fault(people, "table", f"there is no table of people {people.table}")
        return
    if not table.may_read:
        sentence = f"{world.catalog.login} may not read the people in {people.table}"
        grant = f"GRANT SELECT ON {people.table.sql.as_string(None)} TO {quote(world.catalog.login)};"
        yield Fault(people.lines.get("table", people.line), sentence, grant)
    if table.person_key is None:
        sentence = f"{people.table} has no primary key of one column, by which its people could be told apart"
        yield _fault(people, "table", sentence)
    yield from _check_match(people, table)
    if people.slug and (sentence := world.refuse_slug(people.slug)):
        yield _fault(people, "missing", f"missing: {sentence}")


def _check_match(people: PeoplePlan, table: Table) -> Iterator[Fault]:
    kind, _, name = people.match.partition(":")
    key, column = table.person_key, table.column(name)
    if kind == "undecided":
        yield _fault(people, "match", f"match is undecided: id, or email:COLUMN with a column of {people.table}")
    elif kind == "email" and column is None:
        yield _fault(people, "match", f"{people.table} has no column {write_name(name)}")
    elif column and not comparable(column.base, "text"):
        sentence = f"{people.table}.{write_name(name)} is {column.type}: no text, so no e-mail"
        yield _fault(people, "match", sentence)
    elif kind == "id" and key and key.base not in ("uuid", "text", "character varying"):
        sentence = f"{people.table}.{write_name(key.name)} is {key.type}, and users.id is uuid: match by email:COLUMN"
        yield _fault(people, "match", sentence)


def _fault(people: PeoplePlan, key: str, sentence: str) -> Fault:
    line = people.lines.get(key, people.line)
    return Fault(line, sentence, f"$EDITOR +{line} {FILE}")
