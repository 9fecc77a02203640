"""`manage.py scaleout`: what stands between this database and more than one server."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from config.prepared import refuse_unprepared
from config.scaleout.checking import WAYS, Obstacle, find_obstacles, read_checks


class Command(BaseCommand):
    """Exit code 1 when something stands in the way; what we render otherwise there is named, and is no obstacle."""

    help = "Look what stands in the way of sharding, and of moving one organization to another cluster."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="look; there is nothing else that this command does")
        parser.add_argument("--list", action="store_true", help="say what has to hold")
        parser.add_argument("--json", action="store_true", help="say it for a machine")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for check in read_checks():
                self.stdout.write(f"{check.name} ({', '.join(check.ways)}): {check.rule}")
            return
        if not options["check"]:
            raise CommandError("Say what to do: manage.py scaleout --check. What there is to do: docs/scaling.md")
        refuse_unprepared()
        found = find_obstacles()
        if options["json"]:
            self.stdout.write(json.dumps([o.as_dict() for o in found], indent=2))
        else:
            self.stdout.write("\n\n".join(describe_way(way, [o for o in found if o.way == way]) for way in WAYS))
        if stopping := [o for o in found if not o.known]:
            raise CommandError(f"{len(stopping)} in the way. Why, and what helps: docs/scaling.md")


def describe_way(way: str, found: list[Obstacle]) -> str:
    """A way with what does not hold on it."""
    stopping, known = [o for o in found if not o.known], [o for o in found if o.known]
    lines = [f"{WAYS[way]}:", *(f"  ✗ {o.object}: {o.reason}. {o.remedy}" for o in stopping)]
    if not stopping:
        lines.append("  ✓ nothing stands in the way")
    for check in sorted({o.check for o in known}):
        mine = [o for o in known if o.check == check]
        place = mine[0].object if len(mine) == 1 else f"{len(mine)} objects"
        lines.append(f"  · {place}: {mine[0].reason}; {mine[0].remedy}")
    return "\n".join(lines)
