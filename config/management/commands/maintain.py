"""`manage.py maintain`: all periodic work, from cron or a timer, at any time."""

import json
import logging
from typing import Any

from django.core.management import CommandError, CommandParser

from config.maintenance import TASKS, Task, only_one
from config.prepared import PreparedCommand
from postgres.errors import first_line
from tenants.backfill.retry import PatienceError

logger = logging.getLogger("tenantry.maintain")
RUNNING = "another maintain is running on this database: nothing to do here"


class Command(PreparedCommand):
    """Runs every task, one after the other; one that fails does not keep the others from running."""

    help = "Do all periodic work: partitions ahead, purges, expiries. Safe at any time, twice, or late."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what is due")
        parser.add_argument("--json", action="store_true", help="say it for a machine")

    def handle(self, *args: Any, **options: Any) -> None:
        with only_one() as alone:
            done = [run_task(task, dry_run=options["dry_run"]) for task in TASKS] if alone else []
        if options["json"]:
            self.stdout.write(json.dumps({"running_elsewhere": not alone, "tasks": done}, indent=2))
        else:
            self.stdout.write("\n".join(map(describe, done)) if alone else RUNNING)
        failed = [task["name"] for task in done if not task["ok"]]
        if failed:
            raise CommandError(
                f"{', '.join(failed)} did not finish; what the others did is kept. Read why above, then type again:"
                " manage.py maintain"
            )


def run_task(task: Task, *, dry_run: bool) -> dict[str, Any]:
    try:
        did = task.look() if dry_run else task.work()
    except Exception as error:
        logger.exception("The task %s failed.", task.name)
        return {"name": task.name, "ok": False, "did": describe_failure(error)}
    return {"name": task.name, "ok": True, "did": did}


def describe_failure(error: Exception) -> str:
    if isinstance(error, PatienceError):
        return f"others were in the way each time ({first_line(error.__cause__ or error)})"
    return f"{type(error).__name__}: {error}".splitlines()[0]


def describe(task: dict[str, Any]) -> str:
    return f"{'✓' if task['ok'] else '✗'} {task['name']:<16} {task['did']}"
