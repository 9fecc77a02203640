"""Turns a log entry's before and after into lines that a person can read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

EMPTY = "—"
LONGEST = 400
# What a new row does not need to say: when it was made stands beside it, and its key in the address.
UNSAID = frozenset({"id", "created_at", "updated_at", "email_lower", "name_lower", "slug_skeleton"})


@dataclass(frozen=True)
class Change:
    """One field, as it was and as it became."""

    field: str
    before: str
    after: str


def describe_changes(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[Change]:
    """One line per field that differs, by name."""
    return list(_differences(old or {}, new or {}))


def _differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for name in sorted({*old, *new} - UNSAID):
        before, after = old.get(name), new.get(name)
        change = Change(_label(name), show_value(before), show_value(after))
        # A redacted value reads the same before and after, and has changed all the same.
        if change.before != change.after or before == "[redacted]":
            yield change


def _label(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")


def show_value(value: Any) -> str:
    """A value of a row image, shortened where it is long."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
