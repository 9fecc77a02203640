"""`manage.py rotate_keys`: the vault's keys are changed while it is in use."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, CommandParser

from config.prepared import PreparedCommand
from tenants.vault.ring import current_vault_ring
from tenants.vault.rotation import Outstanding, Step, count_outstanding, request_new_keys, rotate_keys

NOTHING = "Every data key is wrapped by master key {newest!r}, and none is being replaced: nothing to do."
DONE = {
    "rewrapped": "wrapped data key {place.version} of {place.org_id} by {newest!r}",
    "replaced": "gave {place.org_id} a new data key beside {place.version}",
    "emptied": "sealed {sealed} credentials of {place.org_id} anew and destroyed data key {place.version}",
}


class Command(PreparedCommand):
    """Safe to stop and to kill at any moment: type it again, and it goes on."""

    help = (
        "Wrap the vault's data keys by the newest master key; with --data-keys replace them too. Goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data-keys", action="store_true", help="also give every organization a new data key")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            newest = current_vault_ring().newest.id
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        before = count_outstanding()
        if options["dry_run"]:
            self.stdout.write(describe(before, newest, new_keys=options["data_keys"]))
            return
        if options["data_keys"] and not request_new_keys() and (before.due or before.spent):
            self.stdout.write("An earlier rotation of data keys was not finished: going on with it.")
        failures = [step.failure for step in self.report(newest) if step.failure]
        if failures:
            raise CommandError("\n".join(failures) + "\nThe others are done, and every one of them can be read.")

    def report(self, newest: str) -> list[Step]:
        steps = []
        for step in rotate_keys():
            said = step.failure or DONE[step.kind].format(place=step.place, newest=newest, sealed=step.sealed)
            self.stdout.write(f"{'✗' if step.failure else '✓'} {step.done:,} of {step.of:,}: {said}")
            self.stdout.flush()
            steps.append(step)
        if not steps:
            self.stdout.write(NOTHING.format(newest=newest))
        return steps


def describe(work: Outstanding, newest: str, *, new_keys: bool) -> str:
    """What a run would do."""
    unfinished = work.due + work.spent
    said = [f"would wrap {work.older:,} data keys by {newest!r}"] if work.older else []
    if unfinished:
        said.append(f"would go on with a rotation of data keys that was not finished ({unfinished:,} to go)")
    elif new_keys:
        said.append("would give every organization that has credentials a new data key, and seal them anew")
    return "; ".join(said) or NOTHING.format(newest=newest)
