"""Narrowing the log by what an index holds: who, which organization, when, one request, one batch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.addresses import find_user
from audit.models import NO_ORG
from tenants.models import Organization

NAMES = ("who", "org", "since", "until", "request", "near", "batch")
# What no index leads to is looked for here only: half a year of a big log is no page view.
LOOK_BACK = timedelta(days=31)
FIRST_YEAR, LAST_YEAR = 1900, 9000
# A request is over by then, whatever it did.
LONGEST_REQUEST = timedelta(hours=1)


@dataclass
class Narrowing:
    """What was asked for, the conditions that come of it, and what could not be understood."""

    asked: dict[str, str]
    conditions: list[Q] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def is_active(self) -> bool:
        return any(value for name, value in self.asked.items() if name != "near")

    def apply(self, rows: Any) -> Any:
        return rows.none() if self.faults else rows.filter(*self.conditions)


def read_narrowing(given: Mapping[str, Any]) -> Narrowing:
    """From the address of a page; an odd value is a fault that is told, and finds nothing."""
    narrowing = Narrowing({name: str(given.get(name) or "").strip() for name in NAMES})
    since, until = _read_times(narrowing)
    if org := narrowing.asked["org"]:
        _narrow_org(narrowing, org)
    if batch := narrowing.asked["batch"]:
        _narrow_batch(narrowing, batch)
    if request := narrowing.asked["request"]:
        narrowing.conditions.append(Q(request_id=request))
        since, until = _window_of(narrowing, request, since, until)
    if who := narrowing.asked["who"]:
        since = _narrow_person(narrowing, who, since, until)
    narrowing.conditions += [Q(created_at__gte=since)] if since else []
    narrowing.conditions += [Q(created_at__lte=until)] if until else []
    return narrowing


def _read_times(narrowing: Narrowing) -> tuple[datetime | None, datetime | None]:
    return _read_time(narrowing, "since"), _read_time(narrowing, "until")


def _read_time(narrowing: Narrowing, name: str) -> datetime | None:
    text = narrowing.asked[name]
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
        # At the ends of the calendar no time zone can be reckoned, and no window around it.
        if not FIRST_YEAR < read.year < LAST_YEAR:
            raise ValueError(text)
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    except ValueError:
        narrowing.faults.append(f"“{text[:40]}” is no time: write it as 2026-03-01T14:30.")
        return None


def _narrow_org(narrowing: Narrowing, text: str) -> None:
    """By slug, by id, or the rows of none."""
    if text == "none":
        narrowing.conditions.append(Q(org_id=NO_ORG))
        return
    key = _read_uuid(text)
    found = Organization.objects.filter(Q(slug=text) if key is None else Q(pk=key)).values_list("pk", flat=True).first()
    if found is None and key is None:
        narrowing.faults.append(f"No organization that you may see has the slug “{text[:60]}”.")
    # The log outlives organizations: an id is looked for even where there is none any more.
    narrowing.conditions.append(Q(org_id=found or key))


def _narrow_batch(narrowing: Narrowing, text: str) -> None:
    key = _read_uuid(text)
    if key is None:
        narrowing.faults.append(f"“{text[:60]}” is no batch: its id stands on each of its entries.")
    narrowing.conditions.append(Q(batch_id=key))


def _window_of(
    narrowing: Narrowing, request: str, since: datetime | None, until: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Requests have no index, times have: what links here says when, and ids of ours tell it themselves."""
    near, key = _read_time(narrowing, "near"), _read_uuid(request)
    if near is None and key is not None and key.version == 7:
        near = time_in(key)
    if near is not None:
        return near - LONGEST_REQUEST, near + LONGEST_REQUEST
    return _look_back(narrowing, since, until), until


def _narrow_person(narrowing: Narrowing, who: str, since: datetime | None, until: datetime | None) -> datetime | None:
    """A person by e-mail or as the log writes them; anything else by the actor's name."""
    person = _find_person(who)
    if person is None:
        narrowing.conditions.append(Q(actor=who))
        return _look_back(narrowing, since, until)
    narrowing.conditions.append(done_by(person))
    return since


def done_by(person: UUID) -> Q:
    """What a person did, together with the organizations, for that is how an index has it."""
    return Q(org_id__in=[NO_ORG, *Organization.objects.values_list("pk", flat=True)], user_id=person)


def _find_person(who: str) -> UUID | None:
    kind, _, key = who.partition(":")
    if kind == "user":
        return _read_uuid(key)
    found = find_user(who)
    return found.pk if found else None


def _look_back(narrowing: Narrowing, since: datetime | None, until: datetime | None) -> datetime:
    if since is None:
        narrowing.note = f"Looked for within {LOOK_BACK.days} days only; give a beginning for more."
    return since or (until or timezone.now()) - LOOK_BACK


def time_in(key: UUID) -> datetime | None:
    """When a time-ordered id was made; None where what it begins with is no time to look around."""
    try:
        made = datetime.fromtimestamp((key.int >> 80) / 1000, tz=UTC)
    except ValueError:
        return None
    return made if made.year < LAST_YEAR else None


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
