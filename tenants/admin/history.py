"""An object's page of history, from the log: every change, whoever made it and through what."""

from typing import Any

from django.db.models import Model

from audit.changes import describe_changes
from audit.models import AuditLog
from tenants.admin.references import (
    models_by_table,
    name_in,
    name_people,
    name_references,
    name_rows,
    read_emails,
    with_names,
)

VERBS = {"INSERT": "added", "UPDATE": "changed", "DELETE": "deleted", "TRUNCATE": "emptied"}
EVENTS = {
    "sign_in": "signed in",
    "console.switch": "switched organization",
    "access_review.look": "looked through the access rows",
    "finding.accept": "accepted a finding",
    "finding.reopen": "opened a finding again",
}
ICONS = {"INSERT": "add", "UPDATE": "edit", "DELETE": "delete", "TRUNCATE": "delete_sweep"}
SURFACES = {"api": "API", "console": "console", "service": "service", "database": "database"}


def entries_of(row: Model) -> Any:
    """What the log holds about one row, newest first."""
    table, key = row._meta.db_table, str(row.pk)
    return AuditLog.objects.filter(table_name=table, record_id=key).order_by("-created_at", "-id")


def tell_entries(entries: list[AuditLog]) -> list[dict[str, Any]]:
    """Log entries as a template shows them, with one look-up for all the people in them, and one for each table."""
    people = read_emails({e.user_id for e in entries if e.user_id})
    names, rows = name_references(entries), name_rows(entries)
    return [tell_entry(entry, people, names, rows) for entry in entries]


def tell_entry(
    entry: AuditLog, people: dict[Any, str], names: dict[Any, str], rows: dict[tuple[str, str], str]
) -> dict[str, Any]:
    old, new = (with_names(data, entry.table_name, names) for data in (entry.old_data, entry.new_data))
    return {
        "entry": entry,
        "verb": tell_action(entry.action),
        "icon": ICONS.get(entry.action, "bolt"),
        "who": people.get(entry.user_id) or tell_actor(entry.actor),
        "through": SURFACES.get(entry.surface, entry.surface),
        # An event's name says what happened, not what was done to a row.
        "what": with_article(thing_in(entry.table_name)) if entry.action in VERBS else "",
        "named": rows.get((entry.table_name, entry.record_id or "")) or name_in(entry),
        "changes": describe_changes(old, new),
    }


def tell_action(action: str) -> str:
    """What was done to a row, or an event's name without its punctuation."""
    return {**VERBS, **EVENTS}.get(action, action.replace("_", " ").replace(".", ": "))


def tell_actor(actor: str) -> str:
    """Who acted, where it was no person that the reader may see."""
    kind, _, name = actor.partition(":")
    words = {"system": f"the system ({name})", "db": f"database login {name}", "key": f"API key {name}"}
    return words.get(kind, actor)


def tell_people(actors: set[str]) -> dict[str, str]:
    """Actors as the log writes them, in words; persons by their e-mail."""
    return {actor: tell_actor(actor) for actor in actors} | name_people(actors)


def thing_in(table: str) -> str:
    """What one row of a table is called."""
    model = models_by_table().get(table)
    return str(model._meta.verbose_name) if model else table.replace("_", " ")


def with_article(noun: str) -> str:
    if noun.endswith("s"):
        return noun
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"
