"""How the command's answer reads, for people and for machines."""

import json
from itertools import islice

from accounts.models import CleaningState, Outcome
from accounts.review.batches import PersonCount
from accounts.review.detectors import BY_NAME
from config.cleaning.running import Answer

# A terminal is no place for a hundred thousand people; --json has them all.
SHOWN = 50


def tell(answer: Answer) -> str:
    """Lines for a terminal."""
    lines = [f"{BY_NAME[name].title:<28} {count:>7,} found" for name, count in answer.found.items()]
    if not answer.parts:
        lines.append(_tell_nothing(answer))
        return "\n".join(lines)
    lines += [_tell_person(person) for person in islice(answer.people, SHOWN)]
    if len(answer.people) > SHOWN:
        lines.append(f"… and {len(answer.people) - SHOWN:,} more people; --json names them all")
    lines += [f"Warning: {warning}" for warning in answer.warnings]
    rows = ", ".join(f"{count:,} {_name(outcome)}" for outcome, count in answer.outcomes.items())
    return "\n".join([*lines, f"Rows: {rows}.", *_tell_end(answer)])


def _name(outcome: Outcome) -> str:
    """The label of a planned one is about one row."""
    return "to go" if outcome == Outcome.PLANNED else str(outcome.label)


def _tell_nothing(answer: Answer) -> str:
    if sum(answer.found.values()) and answer.dry_run:
        return "Nothing was changed. To see the rows: manage.py clean_access --dry-run --detector NAME"
    return "There is nothing to remove."


def _tell_person(person: PersonCount) -> str:
    ends = ", the membership ends" if person.membership_ends else ""
    rows = "row" if person.access_rows == 1 else "rows"
    return f"{person.organization}: {person.email}: {person.access_rows} {rows} to go, {person.stays} stay{ends}"


def _tell_end(answer: Answer) -> list[str]:
    if answer.parts[0].state == CleaningState.UNDONE:
        return ["Undone."]
    if answer.batch_id is None:
        return ["Nothing was changed."]
    return [f"Batch {answer.batch_id}. To restore it: manage.py clean_access --undo {answer.batch_id}"]


def tell_json(answer: Answer) -> str:
    """The same with every person."""
    told = {
        "found": answer.found,
        "dry_run": answer.dry_run,
        "batch": str(answer.batch_id) if answer.batch_id else None,
        "warnings": answer.warnings,
        "people": [_person(person) for person in answer.people],
        "outcomes": {outcome.value: count for outcome, count in answer.outcomes.items()},
    }
    return json.dumps(told, indent=2)


def _person(person: PersonCount) -> dict[str, str | int | bool]:
    return {
        "organization": person.organization,
        "person": person.email,
        "access_rows": person.access_rows,
        "stays": person.stays,
        "membership_ends": person.membership_ends,
    }
