"""`manage.py backfill_org_ids`: from rows of people to rows of organizations, live, and back."""

from collections.abc import Callable
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from config.conversion.answers import Answer
from config.conversion.arguments import add_verbs
from config.conversion.attending import serve_requests
from config.conversion.deciding import quarantine
from config.conversion.discovering import discover, plan
from config.conversion.endings import describe_end, ending_well
from config.conversion.people import identities
from config.conversion.proving import verify
from config.conversion.running import carry_out, rollback, run
from config.conversion.watching import overview, pause, resume, show_status
from config.prepared import refuse_unprepared

ASKING: dict[str | None, Callable[..., Answer]] = {
    None: overview,
    "discover": discover,
    "plan": plan,
    "verify": verify,
    "status": show_status,
    "pause": pause,
    "resume": resume,
    "quarantine": quarantine,
}
WORKING: dict[str, Callable[..., Answer]] = {
    "run": run,
    "guard": carry_out,
    "cutover": carry_out,
    "release": carry_out,
    "rollback": rollback,
    "attend": serve_requests,
}


class Command(BaseCommand):
    """Converts tables from people to organizations; exit code 0 only when what was asked is wholly done."""

    help = (
        "Convert tables from people to organizations: discover, plan, run, verify, guard, cutover, release, and back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_verbs(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with ending_well(options):
                answer = self._answer(options)
        except (Exception, KeyboardInterrupt) as error:
            if options["json"]:
                self.stdout.write(describe_end(error))
            raise
        # After the lines of its events a machine reads one line more.
        self.stdout.write(answer.render(as_json=options["json"], indent=None if options["verb"] in WORKING else 2))
        if answer.failure:
            raise CommandError(answer.failure)

    def _answer(self, options: dict[str, Any]) -> Answer:
        refuse_unprepared()
        verb = options["verb"]
        if verb in WORKING:
            return WORKING[verb](self.stdout, self._say, **options)
        if verb == "identities":
            return identities(self._say, **options)
        return ASKING[verb](**options)

    def _say(self, sentence: str) -> None:
        self.stderr.write(sentence)
