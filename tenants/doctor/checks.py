"""The checks: one SQL file each, which begins with its purpose and yields level, object, reason and remedy.

What SQL cannot know, such as whether a key opens, is asked by a function.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postgres.names import quote
from tenants.doctor import vault
from tenants.doctor.findings import Finding

FOLDER = Path(__file__).parent / "sql"
PURPOSE = re.compile(r"\A-- (?P<purpose>.+)\n")
# Where the objects that should stand are made, and where the checks' own tools are; rolled back afterwards.
EXPECTED = "tenantry_doctor"
EXPECTED_PRIVATE = "tenantry_doctor_private"
TOOLS = "tenantry_doctor_tools"


class UnknownCheck(Exception):
    """A check that there is no file for."""


@dataclass(frozen=True)
class Check:
    """One question to the catalog."""

    name: str
    purpose: str
    text: str
    probe: Callable[[Any], list[Finding]] | None = None

    def statement(self) -> str:
        return with_tools(self.text)


def with_tools(text: str) -> str:
    """Put the schema of the tools in its place."""
    return text.replace("{tools}", quote(TOOLS))


def read_check(path: Path) -> Check:
    text = path.read_text(encoding="utf-8")
    match = PURPOSE.match(text)
    if not match:
        raise UnknownCheck(f"tenants/doctor/sql/{path.name} must begin with `-- ` and its purpose")
    return Check(path.stem, match["purpose"], text)


def all_checks() -> list[Check]:
    """Every check, by name."""
    checks = [read_check(path) for path in FOLDER.glob("*.sql")]
    return sorted([*checks, Check(vault.NAME, vault.PURPOSE, "", vault.examine_vault)], key=lambda check: check.name)


def choose_checks(names: list[str] | None) -> list[Check]:
    """The checks of these names, or all."""
    checks = all_checks()
    if not names:
        return checks
    known = {check.name for check in checks}
    for name in names:
        if name not in known:
            raise UnknownCheck(f"there is no check named {name}; there are: {', '.join(sorted(known))}")
    return [check for check in checks if check.name in names]
