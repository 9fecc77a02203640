"""Softly deleted rows: brought back as the group that went, or purged when nobody wanted them back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q

from tenants.authority import Actor, require_authority
from tenants.errors import Conflict, NotFound
from tenants.models import Organization, OrgModel
from tenants.models.base import org_foreign_keys
from tenants.registry import org_models
from tenants.verbs import as_service, verb


@verb
def restore(model: type[OrgModel], row_id: UUID, *, org: Organization, actor: Actor) -> int:
    """Bring a row back with exactly the rows that went with it; return how many came."""
    require_authority(actor, org.pk)
    with as_service("restore", actor):
        gone = Q(org_id=org.pk, deleted_at__isnull=False)
        deletion = _rows(model).filter(gone, pk=row_id).values_list("deletion_id", flat=True).first()
        if deletion is None:
            raise NotFound("There is no deleted row with this id.")
        _refuse_without_parent(model, row_id, org)
        group = [model, *_followers(model)]
        back = {"deleted_at": None, "deletion_id": None}
        return sum(_rows(m).filter(gone, deletion_id=deletion).update(**back) for m in group)


def purge_deleted(before: datetime) -> dict[str, int]:
    """Remove for good what was deleted before a time; in the owner's scope, by `maintain`."""
    purged = {}
    for model in soft_models():
        rows = _rows(model).filter(deleted_at__lt=before)
        # Straight to the database: its keys decide what goes along, and money stays.
        purged[model._meta.db_table] = rows._raw_delete(rows.db)
    return purged


def soft_models() -> Iterator[type[OrgModel]]:
    """Models whose rows are deleted softly."""
    return (m for m in org_models() if m.soft_delete)


def _refuse_without_parent(model: type[OrgModel], row_id: UUID, org: Organization) -> None:
    """A row whose parent is hidden would point to what clients are told is not there."""
    for key in org_foreign_keys(model):
        parent: Any = key.related_model
        if parent.soft_delete and _rows(model).filter(
            **{"org_id": org.pk, "pk": row_id, f"{key.name}__deleted_at__isnull": False}
        ):
            raise Conflict(f"Its {parent._meta.verbose_name} is deleted: restore that first.", "parent-deleted")


def _followers(model: type[OrgModel]) -> Iterator[type[models.Model]]:
    tables = {table for table, _ in model.deleted_with}
    return (m for m in apps.get_models() if m._meta.db_table in tables)


def _rows(model: type[models.Model]) -> models.QuerySet[Any]:
    return model._default_manager.all()
