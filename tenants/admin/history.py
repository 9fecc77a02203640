"""An object's page of history, from the log: every change, whoever made it and through what."""

from functools import lru_cache
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model

from audit.changes import describe_changes
from audit.models import AuditLog

VERBS = {"INSERT": "added", "UPDATE": "changed", "DELETE": "deleted", "TRUNCATE": "emptied"}
ICONS = {"INSERT": "add", "UPDATE": "edit", "DELETE": "delete", "TRUNCATE": "delete_sweep"}
SURFACES = {"api": "API", "console": "console", "service": "service", "database": "database"}


def entries_of(row: Model) -> Any:
    """What the log holds about one row, newest first."""
    table, key = row._meta.db_table, str(row.pk)
    return AuditLog.objects.filter(table_name=table, record_id=key).order_by("-created_at", "-id")


def tell_entries(entries: list[AuditLog]) -> list[dict[str, Any]]:
    """Log entries as a template shows them, with one look-up for all the people in them."""
    people = _emails({e.user_id for e in entries if e.user_id})
    return [tell_entry(entry, people) for entry in entries]


def tell_entry(entry: AuditLog, people: dict[Any, str]) -> dict[str, Any]:
    return {
        "entry": entry,
        "verb": VERBS.get(entry.action, entry.action),
        "icon": ICONS.get(entry.action, "bolt"),
        "who": people.get(entry.user_id) or tell_actor(entry.actor),
        "through": SURFACES.get(entry.surface, entry.surface),
        "what": with_article(thing_in(entry.table_name)),
        "changes": describe_changes(entry.old_data, entry.new_data),
    }


def tell_actor(actor: str) -> str:
    """Who acted, where it was no person that the reader may see."""
    kind, _, name = actor.partition(":")
    words = {"system": f"the system ({name})", "db": f"database login {name}", "key": f"API key {name}"}
    return words.get(kind, actor)


@lru_cache
def _things() -> dict[str, str]:
    return {model._meta.db_table: str(model._meta.verbose_name) for model in apps.get_models()}


def thing_in(table: str) -> str:
    """What one row of a table is called."""
    return _things().get(table, table.replace("_", " "))


def with_article(noun: str) -> str:
    if noun.endswith("s"):
        return noun
    return f"{'an' if noun[:1] in 'aeio' else 'a'} {noun}"


def _emails(ids: set[Any]) -> dict[Any, str]:
    if not ids:
        return {}
    return dict(get_user_model().objects.filter(pk__in=ids).values_list("pk", "email"))
