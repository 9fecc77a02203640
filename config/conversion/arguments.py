"""The verbs of `manage.py backfill_org_ids` with their options."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PHASES = ("column", "fill", "constrain")
Adder = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True)
class Verb:
    """One verb: what it is for, and which options it takes."""

    name: str
    help: str
    options: tuple[Adder, ...] = ()


def plan_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plan", metavar="FILE", type=Path, required=True, help="the plan, for example conversion.toml"
    )


def run_number(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", metavar="RUN", type=positive, help="the number of a conversion; default: the newest")


def pace(parser: argparse.ArgumentParser) -> None:
    lock_timeout(parser)
    parser.add_argument(
        "--batch-ms", type=positive, default=50, help="target for one whole batch transaction (default %(default)s)"
    )


def limits(parser: argparse.ArgumentParser) -> None:
    pace(parser)
    parser.add_argument(
        "--window", metavar="HH:MM-HH:MM", default="", help="fill only at this time of day, in the server's time zone"
    )
    parser.add_argument("--max-wal", type=positive, metavar="MB", help="hold above this much WAL per second")
    parser.add_argument("--max-lag", type=positive, metavar="SECONDS", help="hold while a replica is further behind")


def lock_timeout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lock-ms", type=positive, default=20, help="longest wait for a lock, DDL and batches (default %(default)s)"
    )


def discovery(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--schema", action="append", required=True, metavar="SCHEMA", help="a schema to convert; again for more"
    )
    parser.add_argument("--default-org", metavar="SLUG", default="", help="where rows without organization go")


def once(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="end when nothing waits")


def running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only", nargs="+", metavar="TABLE", default=[], help="only these tables, as the plan names them"
    )
    parser.add_argument(
        "--until", choices=PHASES, default="constrain", help="the last phase to do (default %(default)s)"
    )
    parser.add_argument("--workers", type=positive, default=1, help="processes that fill rows (default %(default)s)")
    parser.add_argument(
        "--join", type=positive, metavar="RUN", help="help another process with its fill, from any machine"
    )


def report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--report", metavar="DIR", type=Path, help="write conversion.md and conversion.json there")


def way_back(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", choices=("constrain", "fill", "column", "start"), default="start", help="default %(default)s"
    )
    parser.add_argument("--no-input", action="store_true", help="do not ask")


def pausing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="shown to whoever asks for the status")


def deciding(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--table", metavar="TABLE", default="", help="only rows of this table")
    parser.add_argument("--limit", type=positive, default=20, help="rows to show (default %(default)s)")
    parser.add_argument("--decide", metavar="org:SLUG", default="", help="give the rows named to this organization")
    parser.add_argument(
        "--key", action="append", default=[], metavar="ID", help="a quarantined row, by the id shown; again for more"
    )
    parser.add_argument("--all", action="store_true", help="with --decide: every row of the table that waits")


VERBS = (
    Verb("discover", "read the catalog and write a plan; writes nothing to the database", (discovery, plan_file)),
    Verb("plan", "dry run: rows, orphans, SQL, locks, time; writes nothing", (plan_file,)),
    Verb("run", "add org_id, fill it and enforce it, beside the running application", (plan_file, running, limits)),
    Verb("guard", "row security, immutability and the log, per table", (plan_file, lock_timeout)),
    Verb("cutover", "end the rights of the roles that the plan kept", (plan_file, lock_timeout)),
    Verb("release", "end the fill triggers: the application writes org_id itself", (plan_file, lock_timeout)),
    Verb("verify", "prove the conversion by queries of their own", (plan_file, report)),
    Verb("rollback", "undo phase by phase, from any state", (plan_file, way_back, lock_timeout)),
    Verb("status", "progress, rate, time left, and why something waits", (run_number,)),
    Verb("pause", "let every worker end after its batch", (run_number, pausing)),
    Verb("resume", "take a pause back", (run_number,)),
    Verb("attend", "carry out what is asked in the console: going on, and the proof", (once, limits)),
    Verb("quarantine", "rows without a decision: list them, decide them", (run_number, deciding)),
    Verb("identities", "app_metadata.org_id and active organization for every user", (pace,)),
)


def add_verbs(parser: Any) -> None:
    """Give the command its verbs; without one it says what there is to do."""
    parser.add_argument("--json", action="store_true", help="say it for a machine")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")
    for verb in VERBS:
        sub = verbs.add_parser(verb.name, help=verb.help, description=verb.help[0].upper() + verb.help[1:] + ".")
        # Its default would put back what was said before the verb.
        sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="say it for a machine")
        for add in verb.options:
            add(sub)


def positive(text: str) -> int:
    """A whole number of 1 or more."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)
