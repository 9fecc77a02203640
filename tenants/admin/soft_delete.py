"""Deleting what can be restored: the question says what becomes of it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


class SoftDeleteMixin:
    """Not Django's walk over related rows: the database hides a row and what it owns, and keeps both a while."""

    delete_confirmation_template = "console/delete_by_verb.html"
    model: Any

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        kept = f"can be restored for {settings.TENANTRY_RETENTION_DAYS} days"
        along = " and ".join(table for table, _ in self.model.deleted_with)
        told = [
            f"{row}{f' with its {along}' if along else ''} is hidden from clients at once, and {kept}." for row in objs
        ]
        return told, {}, set(), []
