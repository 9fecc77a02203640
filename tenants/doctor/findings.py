"""What the doctor finds, and the same told of many objects in one line."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum


class Level(StrEnum):
    """`error`: something is open or broken; `warning`: it will be, or is slow; `info`: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


LEVELS = tuple(Level)


@dataclass(frozen=True)
class Finding:
    """One thing that does not stand as it should; `remedy` is SQL for the owning login, or a command."""

    check: str
    level: Level
    object: str
    reason: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def sort_key(self) -> tuple[int, str, str, str]:
        return LEVELS.index(self.level), self.check, self.object, self.reason


# The object's name, as SQL writes it, and what of it.
OBJECT = re.compile(r'((?:"(?:[^"]|"")*"|[^\s"])+)(?: (.*))?', re.DOTALL)
# Two lines are no crowd.
FEWEST = 3
NAMED = 3


def fold_findings(findings: Iterable[Finding]) -> list[Finding]:
    """For people: what is the same of many objects once, with the first of them by name; in the order of the first."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.check, finding.level, _split(finding)[1], finding.reason, finding.remedy)
        alike.setdefault(key, []).append(finding)
    return [one for group in alike.values() for one in ([_fold(group)] if len(group) >= FEWEST else group)]


def _fold(group: list[Finding]) -> Finding:
    names = [_split(finding)[0] for finding in group]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    what = _split(group[0])[1]
    return replace(group[0], object=f"{', '.join(names[:NAMED])}{more}{f': {what}' if what else ''}")


def _split(finding: Finding) -> tuple[str, str]:
    match = OBJECT.fullmatch(finding.object)
    return (match[1], match[2] or "") if match else (finding.object, "")
