"""Says who notices a mutant: somebody who attacks the table, or the doctor, or nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from postgres.roles import OWNER
from tenants.doctor.checks import choose_checks
from tenants.doctor.runner import beside_expected, compare
from tests.attack.actors import EVERYBODY
from tests.attack.attempts import ATTEMPT, attempt_in, undone
from tests.attack.holdings import attempts_on_holdings
from tests.attack.mutants import Mutant
from tests.attack.rights import attempts_on, rights_of
from tests.worlds import Table, Worlds

# The checks that have to notice; the others are asked when these do not.
CHECKS = {
    "policy": ["policies", "partitions"],
    "check": ["constraints"],
    "foreign key": ["foreign_keys", "constraints"],
    "row-level security": ["row_security", "partitions"],
    "trigger": ["triggers"],
    "trigger's function": ["functions"],
    "function": ["functions", "function_grants", "definer_functions"],
    "missing grant": ["grants"],
    "grant too many": ["grants", "partitions"],
}
BEHAVIOUR, DOCTOR, NOBODY = "behaviour", "doctor only", "nobody"


class Watch:
    """What every attack came to while all was whole; asked again beside each mutant."""

    def __init__(self, worlds: Worlds, tables: list[Table]) -> None:
        self.worlds = worlds
        self.tables = {t.label: t for t in tables}
        self.whole: dict[tuple[str, str], dict[str, str]] = {}
        self.findings: dict[tuple[str, ...], set[tuple[str, str, str]]] = {}

    def judge(self, mutant: Mutant) -> str:
        """Who notices."""
        if mutant.table:
            self.learn(self.tables[mutant.table])
        with undone() as cursor:
            apply(cursor, mutant)
            if mutant.table and self.behaves_otherwise(self.tables[mutant.table]):
                return BEHAVIOUR
        for checks in (CHECKS[mutant.kind], []):
            if self.examine(mutant, checks):
                return DOCTOR
        return NOBODY

    def learn(self, table: Table) -> None:
        """How the whole table behaves."""
        if (table.label, "") not in self.whole:
            self.whole |= {(table.label, who): result for who, result in self.attack(table)}
            self.whole[table.label, ""] = {}

    def attack(self, table: Table) -> Iterator[tuple[str, dict[str, str]]]:
        """By attacker, one after the other: the first difference is enough."""
        attempts = self.attempts_on(table)
        with undone() as cursor:
            cursor.execute(ATTEMPT, None)
            with undone() as inner:
                yield OWNER, attempt_in(inner, OWNER, attempts[0])
            for actor in EVERYBODY:
                yield actor.name, rights_of(actor, self.worlds, attempts[1])

    def attempts_on(self, table: Table) -> tuple[list[Any], list[Any]]:
        """Composed once, of what stands when all is whole."""
        composed: dict[str, tuple[list[Any], list[Any]]] = self.__dict__.setdefault("composed", {})
        if table.label not in composed:
            composed[table.label] = attempts_on_holdings(table, self.worlds), attempts_on(table, self.worlds)
        return composed[table.label]

    def behaves_otherwise(self, table: Table) -> bool:
        return any(result != self.whole[table.label, who] for who, result in self.attack(table))

    def examine(self, mutant: Mutant, names: list[str]) -> bool:
        """Whether the doctor says something that it did not say when all was whole."""
        key = tuple(names)
        if key not in self.findings:
            self.findings[key] = self.ask_doctor(names)
        with undone() as cursor:
            apply(cursor, mutant)
            return bool(self.ask_doctor(names) - self.findings[key])

    def ask_doctor(self, names: list[str]) -> set[tuple[str, str, str]]:
        with undone() as cursor:
            return {(f.check, f.object, f.reason) for f in compare(cursor, choose_checks(names))}


def apply(cursor: Any, mutant: Mutant) -> None:
    """As the owning login would, in psql."""
    cursor.execute("set local role none")
    cursor.execute(mutant.sql, None)
    cursor.execute(f"set local role {OWNER}")


@contextmanager
def watching(worlds: Worlds, tables: list[Table]) -> Iterator[Watch]:
    """The doctor's picture of what should stand is made once, for all mutants."""
    with transaction.atomic(), beside_expected():
        yield Watch(worlds, tables)
