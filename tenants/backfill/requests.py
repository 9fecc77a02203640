"""Wishes from the console: recorded here, carried out by whoever attends with the owning login."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from tenants.backfill.coordinator import CoordinatorBusy, find_coordinator, hold_lock, process_name
from tenants.models import Asked, Conversion, ConversionRequest, ConversionState

# No conversion has this number: the attendant's lock is beside those of the conversions.
NUMBER = 0


def ask(conversion: Conversion, verb: Asked, *, actor: str) -> bool:
    """Record a wish; False: the same one waits already."""
    with transaction.atomic():
        made = ConversionRequest.objects.bulk_create(
            [ConversionRequest(conversion=conversion, verb=verb, asked_by=actor)], ignore_conflicts=True
        )
        return ConversionRequest.objects.filter(pk=made[0].pk).exists()


@contextmanager
def attend() -> Iterator[None]:
    """Be the one that carries wishes out, until the block or the process ends."""
    with hold_lock(NUMBER) as had:
        if not had:
            raise CoordinatorBusy(f"{find_attendant() or 'Another process'} attends already: one is enough.")
        yield


def find_attendant() -> str:
    """Who attends right now, as host:pid; empty: nobody."""
    return find_coordinator(Conversion(number=NUMBER))


def find_next() -> ConversionRequest | None:
    """The oldest wish that can be carried out now: not while somebody pauses, or another process does it already."""
    waiting = ConversionRequest.objects.filter(finished_at=None).select_related("conversion").order_by("created_at")
    return next((wish for wish in waiting if _is_possible(wish)), None)


def _is_possible(wish: ConversionRequest) -> bool:
    if wish.verb == Asked.VERIFY:
        return True
    conversion = wish.conversion
    return conversion.paused_at is None and not find_coordinator(conversion)


def take_request(wish: ConversionRequest) -> None:
    """Say who carries it out, and since when; a wish of a killed process is taken again."""
    wish.worker, wish.taken_at = process_name(), timezone.now()
    with transaction.atomic():
        wish.save(update_fields=["worker", "taken_at", "updated_at"])


def close_request(wish: ConversionRequest, *, outcome: str, done: bool) -> None:
    """Say what came of it."""
    wish.outcome, wish.done, wish.finished_at = outcome, done, timezone.now()
    with transaction.atomic():
        wish.save(update_fields=["outcome", "done", "proof", "finished_at", "updated_at"])


def refuse_ended(conversion: Conversion) -> str:
    """Why there is nothing to run; empty where there may be."""
    if conversion.state == ConversionState.OPEN:
        return ""
    return f"Conversion {conversion.number} is {conversion.state}: nothing of it is left to run."
