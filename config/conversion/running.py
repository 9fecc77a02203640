"""`run`, `guard`, `cutover`, `release` and `rollback`: work that is shown as it goes."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import Any

from django.core.management import CommandError

from config.conversion.answers import Answer
from config.conversion.crew import helping
from config.conversion.display import choose_display
from config.conversion.endings import name_plan, resume_line
from config.conversion.files import load_checked, load_plan, type_plan
from config.conversion.settings import make_settings
from config.conversion.stops import hold_for_batch
from config.conversion.watching import COMMAND, current_login, summarize
from tenants.backfill.coordinator import coordinate
from tenants.backfill.events import Event, Parked
from tenants.backfill.fill.run import work_shares
from tenants.backfill.names import read_name
from tenants.backfill.phases.cutover import run_cutover
from tenants.backfill.phases.release import run_release
from tenants.backfill.phases.rollback import roll_back
from tenants.backfill.phases.start import open_conversion
from tenants.backfill.plan.model import Plan
from tenants.backfill.run import RunOptions, guard_conversion, run_conversion
from tenants.backfill.status import read_status
from tenants.backfill.steering import find_by_schemas, find_conversion, is_released
from tenants.models import Conversion, ConversionState, Phase

VERBS = {"guard": guard_conversion, "cutover": run_cutover, "release": run_release}


def run(out: Any, say: Callable[[str], None], **options: Any) -> Answer:
    """Column, fill and constrain, from wherever the last run got to."""
    if options["join"]:
        return join(out, say, **options)
    plan, catalog = load_checked(options["plan"])
    refuse_unknown(plan, options["only"])
    if is_released(plan):
        return say_released(plan)
    with hold_for_batch(say) as asked, helping() as start:
        settings = make_settings(should_stop=asked, **options)
        conversion = open_conversion(plan, catalog, actor=current_login(), plan_file=str(options["plan"]))
        only = tuple(str(read_name(name)) for name in options["only"])
        chosen = RunOptions(settings, only, Phase(options["until"]), str(options["plan"]))
        events = run_conversion(conversion, plan, chosen, start_workers=partial(start, conversion, options))
        return finish(conversion, show(out, events, options), options)


def join(out: Any, say: Callable[[str], None], **options: Any) -> Answer:
    """Help another process with its fill."""
    conversion = find_conversion(options["join"])
    if conversion.state != ConversionState.OPEN:
        raise CommandError(f"Conversion {conversion.number} is {conversion.state}: there is nothing to help with.")
    with hold_for_batch(say) as asked:
        settings = make_settings(should_stop=asked, **options)
        return finish(conversion, show(out, work_shares(conversion, settings), options), options)


def carry_out(out: Any, say: Callable[[str], None], **options: Any) -> Answer:
    """One of the verbs after `run`, on every table of the plan."""
    plan, catalog = load_checked(options["plan"])
    if is_released(plan):
        return say_released(plan)
    if find_by_schemas(plan.schemas, ConversionState.OPEN) is None:
        raise CommandError(f"Nothing of this plan was run yet. Next: {COMMAND} run {type_plan(options['plan'])}")
    conversion = open_conversion(plan, catalog, actor=current_login(), plan_file=str(options["plan"]))
    with coordinate(conversion, plan_file=str(options["plan"])):
        events = VERBS[options["verb"]](conversion, plan, lock_ms=options["lock_ms"])
        parked = show(out, events, options)
    return finish(conversion, parked, options)


def rollback(out: Any, say: Callable[[str], None], **options: Any) -> Answer:
    """Back to a phase, after a question; of the plan only the schemas matter, so that it may be out of date."""
    plan = load_plan(options["plan"])
    conversion = find_by_schemas(plan.schemas, ConversionState.OPEN, ConversionState.RELEASED)
    if conversion is None:
        raise CommandError(f"There is no conversion of {', '.join(plan.schemas)} to roll back; nothing was changed.")
    if not options["no_input"] and not confirm(out, conversion, options):
        raise CommandError(f"Nothing was changed. To do it without a question: {resume_line(options)} --no-input")
    with coordinate(conversion, plan_file=str(options["plan"])):
        events = roll_back(conversion, to=Phase(options["to"]), lock_ms=options["lock_ms"])
        parked = show(out, events, options)
    return finish(conversion, parked, options)


def refuse_unknown(plan: Plan, only: Iterable[str]) -> None:
    """`--only` names tables of the plan that convert."""
    converted = {str(table.name) for table in plan.tables.values() if table.converts}
    unknown = []
    for name in only:
        try:
            known = str(read_name(name)) in converted
        except ValueError:
            known = False
        unknown += [] if known else [name]
    if unknown:
        raise CommandError(
            f"--only {' '.join(unknown)}: the plan converts no such table{describe_close(unknown, converted)}."
        )


def describe_close(unknown: list[str], known: set[str]) -> str:
    """What may have been meant."""
    close = sorted({match for name in unknown for match in get_close_matches(name, known, n=2)})
    return f"; it converts {', '.join(close or sorted(known)[:5])}"


def say_released(plan: Plan) -> Answer:
    """A plan that is carried out to its end."""
    conversion = find_by_schemas(plan.schemas, ConversionState.RELEASED)
    number = conversion.number if conversion else 0
    return Answer(
        {"event": "end", "done": True, "number": number, "state": ConversionState.RELEASED},
        f"Conversion {number} is released: nothing of this plan is left to do.",
    )


def confirm(out: Any, conversion: Conversion, options: dict[str, Any]) -> bool:
    """Ask whoever sits there; nobody there is a no."""
    if not sys.stdin.isatty():
        return False
    changes = conversion.changes.filter(undone_at=None).count()
    out.write(f"Conversion {conversion.number}: up to {changes} changes are undone, back to {options['to']}.\n")
    return input("Type yes to go on: ").strip().lower() == "yes"


def show(out: Any, events: Iterable[Event], options: dict[str, Any]) -> list[str]:
    """Show events until they end; return what waits for a person."""
    parked: list[str] = []
    with choose_display(out, as_json=options["json"]) as display:
        for event in events:
            if isinstance(event, Parked):
                event = replace(event, remedy=name_plan(event.remedy, options))
            display.show(event)
            if isinstance(event, Parked):
                parked.append(f"{event.table}: {event.reason}{f' Next: {event.remedy}' if event.remedy else ''}")
    return parked


def finish(conversion: Conversion, parked: list[str], options: dict[str, Any]) -> Answer:
    """What it came to; a parked table means that not all is done."""
    status = read_status(Conversion.objects.get(pk=conversion.pk))
    failure = ""
    if parked:
        rows = "\n".join(f"  {reason}" for reason in parked)
        failure = f"{len(parked)} of the tables wait for you:\n{rows}\nThen the same command goes on: "
        failure = name_plan(failure, options) + resume_line(options)
    text = name_plan(summarize(status), options)
    return Answer({"event": "end", "done": not parked, **status.as_json()}, text, failure)
