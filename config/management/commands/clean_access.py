"""`manage.py clean_access`: find wrong access, remove it in one batch, and bring a batch back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.review.detectors import DETECTORS, UnknownDetector
from accounts.review.looking import Window
from config.chosen import find_org_id, find_person
from config.cleaning.running import Wish, clean, undo
from config.cleaning.telling import tell, tell_json
from config.prepared import PreparedCommand
from tenants.errors import Refusal

NEXT = "Look first: manage.py clean_access --dry-run"

OPTIONS = (
    ("--org", "SLUG", "only in this organization"),
    ("--since", "TIME", "only rows granted at this time or later (UTC)"),
    ("--until", "TIME", "only rows granted before this time (UTC)"),
    ("--granted-by", "EMAIL", "only rows that this person granted"),
    ("--reason", "TEXT", "why; it stands beside every removed row in the log"),
    ("--undo", "BATCH", "restore what this batch removed"),
)


class Command(PreparedCommand):
    """Looks, shows what would go, and removes it when there is a reason."""

    help = "Find access rows and memberships that look wrong, and remove those of the detectors named, with a way back."

    def add_arguments(self, parser: CommandParser) -> None:
        names = ", ".join(detector.name for detector in DETECTORS)
        for name, value, purpose in OPTIONS:
            parser.add_argument(name, metavar=value, help=purpose)
        parser.add_argument("--detector", action="append", metavar="NAME", help=f"what to remove, repeatable: {names}")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go, or what there is")
        parser.add_argument("--despite-warnings", action="store_true", help="remove also what the preview warns of")
        parser.add_argument("--json", action="store_true", help="say it for a machine")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                answer = undo(read_batch(options["undo"])) if options["undo"] else clean(read_wish(options))
        except (Refusal, UnknownDetector) as refusal:
            raise CommandError(f"{refusal} Nothing was changed. {NEXT}") from refusal
        self.stdout.write(tell_json(answer) if options["json"] else tell(answer))
        if answer.needs_confirmation:
            raise CommandError("Nothing was removed: read the warnings above, then type again with --despite-warnings")


def read_wish(options: dict[str, Any]) -> Wish:
    """What is asked for; refused where it would remove more than anybody named."""
    window = Window(read_time(options["since"]), read_time(options["until"]), find_granter(options["granted_by"]))
    names = options["detector"] or (["granted"] if window else [])
    if not options["dry_run"] and not names:
        raise CommandError(f"Name what to remove by --detector, --since, --until or --granted-by. {NEXT}")
    if not options["dry_run"] and not (options["reason"] or "").strip():
        raise CommandError("Say why by --reason: it stands beside every removed row in the log. Nothing was changed.")
    return Wish(
        org_id=find_org_id(options["org"], "Leave out --org to look through all of them."),
        names=names,
        window=window,
        dry_run=options["dry_run"],
        reason=options["reason"] or "",
        despite_warnings=options["despite_warnings"],
    )


def read_time(text: str | None) -> datetime | None:
    """A day or a moment; without a zone it is UTC, as everything else here."""
    if not text:
        return None
    try:
        day = parse_date(text)
        moment = datetime(day.year, day.month, day.day) if day else parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{text!r} is no time: write 2026-02-26 or 2026-02-26T14:30. Nothing was changed.")
    return moment if moment.tzinfo else timezone.make_aware(moment)


def find_granter(email: str | None) -> str:
    return find_person(email).email if email else ""


def read_batch(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no batch: --undo takes the id that the cleaning printed.") from error
