"""`manage.py restore_org`: one organization back from a file."""

from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from config.org_archive.errors import ArchiveRefused
from config.org_archive.restoring import Back, Checked, Restored, restore_org
from config.prepared import PreparedCommand


class Command(PreparedCommand):
    """Checks the archive, restores all of it or nothing, and says what came back."""

    help = "Restore one organization from its archive, into this database or another: all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="the archive that export_org wrote")
        parser.add_argument("--dry-run", action="store_true", help="do all of it, then take it back")
        parser.add_argument("--slug", metavar="NEW", help="call it this, where its own name is taken")
        parser.add_argument("--sha256", metavar="HEX", help="the hash that export_org printed: refuse any other file")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("slug", "sha256", "dry_run")
        try:
            for step in restore_org(options["file"], **{name: options[name] for name in names}):
                self.tell(step)
        except ArchiveRefused as error:
            raise CommandError(f"{options['file']} was not restored, nothing was changed: {error}") from error

    def tell(self, step: Checked | Restored | Back) -> None:
        match step:
            case Checked(manifest):
                self.stdout.write(f"{manifest.name} ({manifest.slug}): {len(manifest.files)} files, every hash holds.")
            case Restored(label, rows):
                if rows:
                    self.stdout.write(f"{rows:>10} {label}")
            case Back():
                self.stdout.write("\n".join(describe(step)))


def describe(back: Back) -> list[str]:
    """What an operator has to know now."""
    log = "had stayed here" if back.log_kept else "came back, sealed"
    lines = [f"{back.rows} rows stand as they were archived; {back.log_rows} rows of its log {log}."]
    made = f"; made without a password: {', '.join(back.people.made)}" if back.people.made else ""
    lines.append(f"People: {back.people.found} were here already{made}.")
    if back.people.renumbered:
        lines.append(f"{back.people.renumbered} people have another id here; the log names them by the old one.")
    if back.added:
        added = ", ".join(f"{step.rows} of {step.label}" for step in back.added)
        lines.append(f"Added for it, for everybody to see: {added}.")
    if back.left_out:
        lines.append(f"Secrets do not come back: {', '.join(back.left_out)}. Send invitations and make keys anew.")
    if back.dry_run:
        lines.append("This was a dry run: all of it was taken back. Without --dry-run it stays.")
    else:
        lines.append(f"{back.slug} is back. Verify it: manage.py verify_audit --org {back.slug}")
    return lines
