"""What the ids in the log stand for: names of rows that are still there, and their pages."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model, UUIDField
from django.urls import reverse

from audit.models import NO_ORG, AuditLog

# What a person calls a row, where its image holds it.
NAMING = ("name", "email", "slug", "full_name", "model", "type")


@lru_cache
def models_by_table() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}


def name_references(entries: list[AuditLog]) -> dict[tuple[type[Model], str], str]:
    """The names behind every foreign key in these entries: one look-up for each table that is pointed to."""
    wanted: dict[type[Model], set[str]] = {}
    for entry in entries:
        for model, key in _references(entry):
            wanted.setdefault(model, set()).add(key)
    return {
        (model, str(row.pk)): str(row)
        for model, keys in wanted.items()
        for row in model._default_manager.filter(pk__in=keys)
    }


def _references(entry: AuditLog) -> list[tuple[type[Model], str]]:
    return [
        (model, data[column])
        for column, model in keys_of(entry.table_name).items()
        for data in (entry.old_data or {}, entry.new_data or {})
        if _is_uuid(data.get(column))
    ]


def _is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


@lru_cache
def keys_of(table: str) -> dict[str, type[Model]]:
    """The columns of a table that point to other tables with pages of their own."""
    model = models_by_table().get(table)
    fields: Any = model._meta.local_fields if model else ()
    return {f.column: f.related_model for f in fields if isinstance(f, ForeignKey)}


def name_people(actors: Iterable[str]) -> dict[str, str]:
    """E-mails of actors as the log names them, of people whom the scope lets see."""
    emails = read_emails({actor.removeprefix("user:") for actor in actors if actor.startswith("user:")})
    return {f"user:{pk}": email for pk, email in emails.items()}


def read_emails(ids: set[Any]) -> dict[UUID, str]:
    """By the ids of people, as far as the scope lets see them."""
    if not ids:
        return {}
    return dict(get_user_model().objects.filter(pk__in=ids).values_list("pk", "email"))


def with_names(
    data: dict[str, Any] | None, table: str, names: dict[tuple[type[Model], str], str]
) -> dict[str, Any] | None:
    """A row image with names in place of ids, as far as there are any."""
    keys = keys_of(table)
    return data and {
        column: names.get((keys[column], value), value) if column in keys else value for column, value in data.items()
    }


def name_rows(entries: list[AuditLog]) -> dict[tuple[str, str], str]:
    """What rows are called whose images name nothing, by table and key: one look-up for each table.

    Rows about a person go by the e-mail, which tells them apart better than the end of a key.
    """
    nameless = [entry for entry in entries if not _name_in_image(entry) and _is_uuid(entry.record_id)]
    people = name_people([f"user:{found}" for entry in nameless if _is_uuid(found := _person_in(entry))])
    names: dict[tuple[str, str], str] = {}
    unread: dict[str, list[AuditLog]] = {}
    for entry in nameless:
        if email := people.get(f"user:{_person_in(entry)}"):
            names[entry.table_name, entry.record_id or ""] = email
        elif entry.action != "DELETE":
            unread.setdefault(entry.table_name, []).append(entry)
    read = {(table, key): name for table, found in unread.items() for key, name in _read_names(table, found)}
    return read | names


def _person_in(entry: AuditLog) -> Any:
    return (entry.new_data or {}).get("user_id") or (entry.old_data or {}).get("user_id")


def _read_names(table: str, entries: list[AuditLog]) -> list[tuple[str, str]]:
    model = models_by_table().get(table)
    columns = {field.name for field in model._meta.local_fields} if model else set()
    column = next((name for name in NAMING if name in columns), "user__email" if "user" in columns else "")
    if model is None or not column or not _has_uuids(model):
        return []
    rows = model._default_manager.filter(pk__in={entry.record_id for entry in entries})
    if "org" in columns:
        # Keys begin with the organization: by the id alone every organization's part would be looked through.
        rows = rows.filter(org__in={entry.org_id for entry in entries})
    return [(str(pk), str(name)) for pk, name in rows.order_by().values_list("pk", column) if name]


def _has_uuids(model: type[Model]) -> bool:
    """Of its own, or those of the row that it belongs to."""
    key: Any = model._meta.pk
    return isinstance(key.target_field if key.is_relation else key, UUIDField)


def name_in(entry: AuditLog) -> str:
    """What the row was called, by its image; else the end of its key, where time-ordered ids differ."""
    key = entry.record_id or ""
    return _name_in_image(entry) or (f"…{key[-8:]}" if _is_uuid(key) else key)


def _name_in_image(entry: AuditLog) -> str:
    for data in (entry.new_data or {}, entry.old_data or {}):
        for column in NAMING:
            if isinstance(data.get(column), str) and data[column]:
                return str(data[column])
    return ""


def page_of(entry: AuditLog) -> str:
    """The address of the row's page; empty where there is none any more, or never was."""
    model = models_by_table().get(entry.table_name)
    if model is None or entry.action == "DELETE" or not entry.record_id or not admin.site.is_registered(model):
        return ""
    try:
        model._meta.pk.to_python(entry.record_id)
    except ValidationError:
        return ""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[entry.record_id])


def page_of_org(entry: AuditLog) -> str:
    return "" if entry.org_id == NO_ORG else reverse("admin:tenants_organization_change", args=[entry.org_id])
