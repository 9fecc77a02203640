"""Writing a plan: the same text for the same decisions, fit for review."""

from collections.abc import Iterable, Iterator

from tenants.backfill.plan.model import PeoplePlan, Plan, TablePlan
from tenants.backfill.plan.toml import write_comment, write_key, write_text

HEAD = (
    "Which organization each row belongs to. Review it, decide what is undecided, then try it:",
    "  manage.py backfill_org_ids plan --plan FILE",
    "",
    "class      critical | secondary: decides the order only",
    "route      user:COLUMN | parent:COLUMN[,COLUMN][->SCHEMA.TABLE(COLUMN[,COLUMN])] | org:SLUG | exempt | undecided",
    "no_org     stop | quarantine | org:SLUG: rows whose person or parent is null, missing or without organization",
    "many_orgs  stop | quarantine | active | earliest | org:SLUG: rows of people in several organizations",
    "triggers   gate | fire | stop: the table's own triggers during batches",
    "keep       roles that work on after guard; discover puts everybody with rights here, so that nothing stops",
    "cut        roles that may stop working; move them here",
    "",
    "Comments above a section are discover's and are written anew; those inside a section are yours and stay.",
)
PEOPLE_HEAD = (
    "match      id | email:COLUMN: how a person of that table is found among the users",
    "missing    stop | create | create-in:SLUG: people of that table who are no users yet",
)


def write_plan(plan: Plan) -> str:
    """Write the plan as a file: tables by name, every decision spelled out."""
    return "\n".join(_write_lines(plan)).rstrip("\n") + "\n"


def _write_lines(plan: Plan) -> Iterator[str]:
    yield from map(write_comment, HEAD)
    yield ""
    yield f"schemas = {_write_list(plan.schemas)}"
    if plan.fingerprint:
        yield f"fingerprint = {write_text(plan.fingerprint)}"
    yield ""
    yield from map(write_comment, plan.comments.get("people", ()))
    if plan.people:
        yield from _write_people(plan.people)
    for table in sorted(plan.tables.values(), key=lambda t: str(t.name)):
        yield ""
        yield from map(write_comment, table.comment)
        yield from _write_table(table)
    if end := plan.comments.get("end"):
        yield ""
        yield "[gone]"
        yield from map(write_comment, end)


def _write_people(people: PeoplePlan) -> Iterator[str]:
    yield from map(write_comment, PEOPLE_HEAD)
    yield "[people]"
    yield from map(write_comment, people.notes)
    yield f"table   = {write_text(str(people.table))}"
    yield f"match   = {write_text(people.match)}"
    yield f"missing = {write_text(f'{people.missing}:{people.slug}' if people.slug else people.missing)}"


def _write_table(table: TablePlan) -> Iterator[str]:
    yield f"[tables.{write_key(str(table.name))}]"
    yield from map(write_comment, table.notes)
    yield f"class     = {write_text(table.table_class)}"
    yield f"route     = {write_text(str(table.route))}"
    yield f"no_org    = {write_text(str(table.no_org))}"
    yield f"many_orgs = {write_text(str(table.many_orgs))}"
    yield f"triggers  = {write_text(table.triggers)}"
    yield f"keep      = {_write_list(table.keep)}"
    yield f"cut       = {_write_list(table.cut)}"


def _write_list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(write_text, values))}]"
