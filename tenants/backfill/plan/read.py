"""Reading a plan: values from TOML, and a line for everything that is wrong with them."""

import re
import tomllib
from collections.abc import Callable
from typing import Any, TypeVar

from tenants.backfill.names import TableName, read_name
from tenants.backfill.plan.faults import Fault, PlanRefused
from tenants.backfill.plan.model import Choice, ChoiceKind, PeoplePlan, Plan, Route, RouteKind, TablePlan, read_route
from tenants.backfill.plan.model import read_choice as read_any_choice
from tenants.backfill.plan.toml import Path, Places, find_places

Value = TypeVar("Value")
TOP_KEYS = ("schemas", "fingerprint", "people", "tables", "gone")
PEOPLE_KEYS = ("table", "match", "missing")
TABLE_KEYS = ("class", "route", "no_org", "many_orgs", "triggers", "keep", "cut")
CLASSES, TRIGGERS = ("critical", "secondary"), ("gate", "fire", "stop")
# For callers who read and have to answer for it.
__all__ = ["Fault", "PlanRefused", "read_plan"]
AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
NO_ORG = (ChoiceKind.STOP, ChoiceKind.QUARANTINE, ChoiceKind.ORG)
EDIT = "$EDITOR +{line} <plan>"


def read_plan(text: str) -> Plan:
    """Read a plan, or refuse it with all of its faults."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = AT_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        sentence = f"this is not TOML: {AT_LINE.sub('', str(error)).strip()}"
        raise PlanRefused([Fault(line, sentence, EDIT.replace("{line}", str(line)))]) from error
    reading = _Reading(data, find_places(text))
    plan = reading.read(text)
    if reading.faults:
        raise PlanRefused(reading.faults, plan)
    return plan


class _Reading:
    """One pass over a plan that notes faults and goes on."""

    def __init__(self, data: dict[str, Any], places: Places) -> None:
        self.data, self.places = data, places
        self.faults: list[Fault] = []

    def fault(self, path: Path, sentence: str, line: int = 0) -> None:
        at = line or self.places.line_of(path)
        self.faults.append(Fault(at, sentence, EDIT.replace("{line}", str(at))))

    def read(self, text: str) -> Plan:
        self._refuse_unknown((), self.data, TOP_KEYS)
        tables: dict[TableName, TablePlan] = {}
        for key, section in self._table((), self.data, "tables").items():
            if (table := self._read_table(key, section)) and table.name in tables:
                self.fault(("tables", key), f"{table.name} stands here twice, first in line {tables[table.name].line}")
            elif table:
                tables[table.name] = table
        schemas = self._names((), self.data, "schemas") or tuple(sorted({name.schema for name in tables}))
        if not schemas and not self.faults:
            self.fault((), "the plan names no schema and no table")
        return Plan(
            schemas=schemas,
            tables=tables,
            people=self._read_people(),
            fingerprint=self._text((), self.data, "fingerprint", ""),
            text=text,
            comments={"end": tuple(self.places.notes.get(("gone",), ()))},
            lines={key: self.places.line_of((key,)) for key in TOP_KEYS if key in self.data},
        )

    def _read_people(self) -> PeoplePlan | None:
        if "people" not in self.data:
            return None
        section = self._table((), self.data, "people")
        path: Path = ("people",)
        self._refuse_unknown(path, section, PEOPLE_KEYS)
        table = self._parse(path, section, "table", read_name, None)
        match = self._parse(path, section, "match", _read_match, "id")
        missing, slug = self._parse(path, section, "missing", _read_missing, ("stop", ""))
        if table is None:
            if "table" not in section:
                self.fault(path, '[people] names no table: table = "SCHEMA.TABLE"')
            return None
        return PeoplePlan(
            table,
            match,
            missing,
            slug,
            line=self.places.line_of(path),
            notes=tuple(self.places.notes.get(path, ())),
            lines=self._lines(path, PEOPLE_KEYS),
        )

    def _read_table(self, key: str, section: object) -> TablePlan | None:
        path: Path = ("tables", key)
        if not isinstance(section, dict):
            self.fault(path, f'{key!r} is no section: [tables."SCHEMA.TABLE"], the name in quotes')
            return None
        self._refuse_unknown(path, section, TABLE_KEYS)
        try:
            name = read_name(key)
        except ValueError as error:
            self.fault(path, f'{error}: [tables."SCHEMA.TABLE"], the name in quotes')
            return None
        if "route" not in section:
            self.fault(path, f"{name} has no route")
        return TablePlan(
            name=name,
            route=self._parse(path, section, "route", read_route, Route(RouteKind.EXEMPT)),
            table_class=self._parse(path, section, "class", _one_of(CLASSES), "secondary"),
            no_org=self._parse(path, section, "no_org", _choice_of(NO_ORG), Choice()),
            many_orgs=self._parse(path, section, "many_orgs", _choice_of(tuple(ChoiceKind)), Choice()),
            triggers=self._parse(path, section, "triggers", _one_of(TRIGGERS), "gate"),
            keep=self._names(path, section, "keep"),
            cut=self._names(path, section, "cut"),
            line=self.places.line_of(path),
            notes=tuple(self.places.notes.get(path, ())),
            lines=self._lines(path, TABLE_KEYS),
        )

    def _lines(self, path: Path, keys: tuple[str, ...]) -> dict[str, int]:
        return {key: self.places.line_of((*path, key)) for key in keys if (*path, key) in self.places.lines}

    def _refuse_unknown(self, path: Path, section: dict[str, Any], known: tuple[str, ...]) -> None:
        where = f"of {path[-1]}" if path else "at the top"
        for key in section:
            if key not in known:
                self.fault((*path, key), f"unknown key {key!r} {where}; there are: {', '.join(known)}")

    def _table(self, path: Path, section: dict[str, Any], key: str) -> dict[str, Any]:
        value = section.get(key, {})
        if isinstance(value, dict):
            return value
        self.fault((*path, key), f"{key} is no section")
        return {}

    def _text(self, path: Path, section: dict[str, Any], key: str, default: str) -> str:
        value = section.get(key, default)
        if isinstance(value, str):
            return value
        self.fault((*path, key), f"{key} is {value!r}, not a text in quotes")
        return default

    def _names(self, path: Path, section: dict[str, Any], key: str) -> tuple[str, ...]:
        value = section.get(key, [])
        if isinstance(value, list) and all(isinstance(name, str) for name in value):
            return tuple(dict.fromkeys(value))
        self.fault((*path, key), f"{key} is {value!r}, not a list of names in quotes")
        return ()

    def _parse(
        self, path: Path, section: dict[str, Any], key: str, read: Callable[[str], Value], default: Value
    ) -> Value:
        """Read one value by its reader, or note what is wrong with it."""
        if key not in section:
            return default
        text = section[key]
        try:
            if not isinstance(text, str):
                raise ValueError(f"{text!r} is not a text in quotes")
            return read(text)
        except ValueError as error:
            self.fault((*path, key), f"{key} of {path[-1]}: {error}")
            return default


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"{text!r} is none of {', '.join(known)}")
        return text

    return read


def _choice_of(kinds: tuple[ChoiceKind, ...]) -> Callable[[str], Choice]:
    def read(text: str) -> Choice:
        known = ", ".join("org:SLUG" if kind is ChoiceKind.ORG else kind for kind in kinds)
        try:
            choice = read_any_choice(text)
        except ValueError as error:
            raise ValueError(f"{text!r} is none of {known}") from error
        if choice.kind not in kinds:
            raise ValueError(f"{text!r} is none of {known}")
        return choice

    return read


def _read_match(text: str) -> str:
    kind, _, column = text.partition(":")
    if text == "undecided":
        return text
    if text != "id" and not (kind == "email" and column):
        raise ValueError(f"{text!r} is neither id nor email:COLUMN")
    return text


def _read_missing(text: str) -> tuple[str, str]:
    kind, _, slug = text.partition(":")
    if text in ("stop", "create") or (kind == "create-in" and slug.strip() == slug != ""):
        return kind, slug
    raise ValueError(f"{text!r} is none of stop, create, create-in:SLUG")
