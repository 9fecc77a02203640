"""`attend`: carries out what people ask of conversions in the console, for as long as the process lives."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management import CommandError
from django.db import connection, transaction

from config.conversion.answers import Answer
from config.conversion.display import Display, choose_display
from config.conversion.endings import ENDS
from config.conversion.proving import describe_proof
from config.conversion.settings import make_settings
from config.conversion.stops import hold_for_batch
from tenants.backfill.catalog.model import Catalog
from tenants.backfill.events import Event, Parked, Said
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.plan.check import open_plan
from tenants.backfill.plan.model import Plan
from tenants.backfill.requests import attend, close_request, find_next, refuse_ended, take_request
from tenants.backfill.run import RunOptions, run_conversion
from tenants.backfill.verify.proof import prove
from tenants.backfill.verify.results import Proof
from tenants.models import Asked, ConversionRequest

LOOK_AGAIN = 1.0
PROVED = "The proof holds: {checks} checks on {tables} tables."


def serve_requests(out: Any, say: Callable[[str], None], **options: Any) -> Answer:
    """Wait for wishes and carry them out, one after the other; with --once only those that wait already."""
    carried = 0
    with hold_for_batch(say) as asked, attend(), choose_display(out, as_json=options["json"]) as display:
        settings = make_settings(should_stop=asked, **options)
        while not asked():
            wish = find_next()
            if wish:
                carry_out_wish(wish, settings, display)
                carried += 1
            elif options["once"]:
                break
            else:
                time.sleep(LOOK_AGAIN)
    return Answer({"event": "end", "carried_out": carried}, f"Carried out {carried} wishes of the console.")


def carry_out_wish(wish: ConversionRequest, settings: FillSettings, display: Display) -> None:
    """Do one, and say on its record what came of it; what refuses is an outcome like any other."""
    take_request(wish)
    number = wish.conversion.number
    display.show(Said("", f"conversion {number}: {wish.verb}, asked by {wish.asked_by}"))
    try:
        outcome, done = CARRIERS[wish.verb](wish, settings, display)
    except (*ENDS, CommandError) as refusal:
        outcome, done = str(refusal), False
    close_request(wish, outcome=outcome, done=done)
    display.show(Said("", f"conversion {number}: {outcome}"))


def run_on(wish: ConversionRequest, settings: FillSettings, display: Display) -> tuple[str, bool]:
    """Go on from wherever the last process got to, by the plan that it ran."""
    conversion = wish.conversion
    if ended := refuse_ended(conversion):
        return ended, True
    plan, _ = read_saved_plan(wish)
    parked = list(_show(run_conversion(conversion, plan, RunOptions(settings)), display))
    if parked:
        return " ".join(parked), False
    return "Everything that run does is done.", True


def verify(wish: ConversionRequest, settings: FillSettings, display: Display) -> tuple[str, bool]:
    """Prove the conversion as it stands now, and keep the proof."""
    plan, catalog = read_saved_plan(wish)
    proof = next(said for said in prove(wish.conversion, plan, catalog) if isinstance(said, Proof))
    wish.proof = proof.as_json()
    if proof.holds:
        return PROVED.format(checks=len(proof.results), tables=len(proof.phases)), True
    return "\n".join(line for line in describe_proof(proof).splitlines() if line.startswith(("✗ ", "!"))), False


def read_saved_plan(wish: ConversionRequest) -> tuple[Plan, Catalog]:
    """The plan as it was last run, held against the database of now."""
    with transaction.atomic(), connection.cursor() as cursor:
        return open_plan(wish.conversion.plan, cursor)


def _show(events: Iterator[Event], display: Display) -> Iterator[str]:
    for event in events:
        display.show(event)
        if isinstance(event, Parked):
            yield f"{event.table} waits for you: {event.reason}."


CARRIERS: dict[str, Callable[[ConversionRequest, FillSettings, Display], tuple[str, bool]]] = {
    Asked.RUN: run_on,
    Asked.VERIFY: verify,
}
