"""The detectors: one SQL file each, which begins with its purpose and yields findings of the rows it is given."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from accounts.review.statements import read_sql

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Detector:
    """A kind of wrong access; `title` names it in lists, `advice` says what cleaning it removes."""

    name: str
    title: str
    advice: str
    # Looked for only when somebody names a window of time or a person.
    on_demand: bool = False

    @cached_property
    def statement(self) -> str:
        return read_sql(FOLDER / f"{self.name}.sql")


DETECTORS = (
    Detector(
        "no_membership",
        "Access without membership",
        "Cleaning removes every access row of the person in this organization.",
    ),
    Detector(
        "every_dso",
        "Access to every DSO",
        "Cleaning removes the rows behind it; grant again what the person needs.",
    ),
    Detector(
        "granted",
        "Granted in a window",
        "Cleaning removes this row.",
        on_demand=True,
    ),
    Detector(
        "duplicate",
        "Duplicate",
        "Cleaning removes the rows that add nothing; the one that lasts longest stays.",
    ),
    Detector(
        "inactive_person",
        "Inactive or disabled person",
        "Cleaning removes the access rows; account and membership stay as they are.",
    ),
    Detector("expired", "Expired", "Cleaning removes rows that let nobody in any more."),
    Detector(
        "never_signed_in",
        "Never signed in",
        "Cleaning ends the membership, with its workspaces and access rows.",
    ),
)
BY_NAME = {detector.name: detector for detector in DETECTORS}


class UnknownDetector(Exception):
    """A name that no detector has."""


def choose_detectors(names: list[str] | None) -> list[Detector]:
    """The detectors of these names, or all that look without being told where."""
    for name in names or ():
        if name not in BY_NAME:
            raise UnknownDetector(f"There is no detector {name!r}; there are: {', '.join(BY_NAME)}.")
    return [d for d in DETECTORS if (d.name in names if names else not d.on_demand)]
