"""What is wrong with a plan, line by line."""

from collections.abc import Iterable
from dataclasses import dataclass

from tenants.backfill.plan.model import Plan

# Stands for the name of the file wherever a remedy names it.
FILE = "<plan>"


@dataclass(frozen=True)
class Fault:
    """One fault: where, what, and what to type."""

    line: int
    sentence: str
    remedy: str

    def describe(self, file: str = "conversion.toml") -> str:
        return f"{file}:{self.line}: {self.sentence}; type: {self.remedy.replace(FILE, file)}"


@dataclass(frozen=True)
class Obstacle:
    """A reason to refuse a table, whatever its route, and what to type against it."""

    sentence: str
    remedy: str


class PlanRefused(Exception):
    """A plan with faults, all of them; `plan` is what could be read of it."""

    def __init__(self, faults: Iterable[Fault], plan: Plan | None = None) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        self.plan = plan
        super().__init__(self.describe())

    def describe(self, file: str = "conversion.toml") -> str:
        """One line per fault."""
        return "\n".join(fault.describe(file) for fault in self.faults)
