"""A busy table and its parts, people who are at work on them, and processes that are watched, stopped and killed."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import psutil
import psycopg

from tests.faults.ground import Ground
from tests.faults.oracle import Oracle, explain
from tests.faults.people import Crowd, add_crowd
from tests.faults.shapes import PLAIN, Shape
from tests.faults.snapshot import take_snapshot
from tests.faults.strange import PEOPLE_TABLE, Strange, compose_people
from tests.faults.traffic import TABLES, Traffic, Wish, find_differences, traffic

PEOPLE = [1, 2, 3, 7]
CHECK_VIOLATION = "23514"
BATCH = r"hits: [\d,]+ of"


@dataclass
class Busy:
    """One conversion of a table that is written all the time."""

    ground: Ground
    rows: int
    crowd: Crowd = field(init=False)
    oracle: Oracle = field(init=False)
    before: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.crowd = add_crowd(self.ground)
        tables = TABLES.format(people=", ".join(map(str, PEOPLE)), count=len(PEOPLE), rows=self.rows)
        self.ground.build(PLAIN, PEOPLE_TABLE + compose_people() + tables)
        shapes = [
            Shape("hits", "", "", {"route": "user:user_id"}),
            Shape("hit_parts", "", "", {"route": "parent:hit_id"}, to=("hits", ("id",))),
        ]
        people = {"table": f"{PLAIN}.people", "match": "email:email"}
        strange = Strange(self.ground, self.crowd, shapes, people, {f"{PLAIN}.people": {"route": "exempt"}})
        strange.write_plan()
        self.oracle = Oracle(strange)
        self.before = self.snap()

    def snap(self) -> list[str]:
        return take_snapshot(self.ground, [PLAIN])

    @contextmanager
    def at_work(
        self, *, seed: int = 1, per_second: int = 60, moves: bool = True, guarded: bool = False
    ) -> Iterator[Traffic]:
        """`guarded`: the guard may come meanwhile, which knows no COPY and refuses moves."""
        wish = Wish(self.ground.app_dsn, PLAIN, PEOPLE, self.rows, seed, per_second=per_second, move=moves)
        if guarded:
            wish = replace(wish, copies=False, refused=[CHECK_VIOLATION])
        with traffic(wish) as running:
            yield running

    def judge_traffic(self, running: Traffic) -> None:
        """The application had no error, and finds its rows as it left them."""
        seen = running.end()
        assert seen.errors == [], "\n".join(seen.errors[:5])
        wrong = find_differences(seen, self.ground.dsn, PLAIN)
        assert not wrong, "\n".join(wrong[:5])

    def judge(self) -> None:
        """Every row has its organization; arithmetic says so, and the engine proves it."""
        wrong = explain(self.oracle.judge(moved=True))
        assert not wrong, wrong
        self.ground.must("verify")


def wait_for(process: subprocess.Popen[str], pattern: str) -> str:
    """What a process said until a line matches, or until it ended."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if re.search(pattern, line):
            break
    return said


def kill_tree(process: subprocess.Popen[str], *, only_child: bool = False) -> None:
    """kill -9 of a process with all that it started, or of one that it started."""
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
        for child in children[:1] if only_child else children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
    if not only_child:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str], said: str = "") -> tuple[int, str]:
    out, _ = process.communicate(timeout=300)
    return process.returncode, said + out


def interrupt(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> None:
    os.kill(process.pid, number)


@contextmanager
def old_snapshot(dsn: str) -> Iterator[None]:
    """A report that began long ago and reads still."""
    with psycopg.connect(dsn) as session:
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.execute("select 1 from pg_class limit 1")
        yield
