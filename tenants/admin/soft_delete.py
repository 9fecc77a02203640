"""Deleting what can be restored, and restoring it: each says what becomes of the row and of what goes with it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tenants.admin.decorators import page_action
from tenants.admin.verb_pages import FindingMixin, Question, actor_of, ask_first
from tenants.deletion import restore


class SoftDeleteMixin(FindingMixin):
    """Not Django's walk over related rows: the database hides a row and what it owns, and keeps both a while."""

    delete_confirmation_template = "console/delete_by_verb.html"
    actions_detail: Any = ("restore",)
    model: Any
    opts: Any

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        kept = f"can be restored on its page for {settings.TENANTRY_RETENTION_DAYS} days"
        along = f" with its {self._follow()}" if self._follow() else ""
        told = [f"{row}{along} is hidden from clients at once, and {kept}." for row in objs]
        return told, {}, set(), []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return may and (obj is None or obj.deleted_at is None)

    def has_restore_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may delete; what is not there is left to the page's 404."""
        row = self.find(request, object_id) if object_id is not None else None
        return self.has_delete_permission(request) and (row is None or row.deleted_at is not None)

    @page_action("Restore", icon="restore_from_trash", permission="restore", primary=True)
    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row, actor = self.find_or_404(request, object_id), actor_of(request)
        along = f", with the {self._follow()} that went with it" if self._follow() else ""
        question = Question(
            title=f"Restore {row}?",
            effect=(f"Clients see it again at once{along}.",),
            submit="Restore",
            back=reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk]),
            icon="restore_from_trash",
        )

        def act(sent: dict[str, Any]) -> str:
            others = restore(self.model, row.pk, org=row.org, actor=actor) - 1
            return f"{row} is back{f', and {others:,} more that went with it' if others else ''}."

        return ask_first(request, question, act)

    def _follow(self) -> str:
        """What goes with such a row, and comes back with it."""
        return " and ".join(table for table, _ in self.model.deleted_with)
