"""Connections to other systems: their settings, their state, and that they have a credential, which nobody is shown."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import asking_action, column
from tenants.admin.sync_jobs import SyncJobInline
from tenants.errors import Refusal
from tenants.models import ConnectionStatus, IntegrationConnection
from tenants.sync.jobs import SYNCED, request_sync
from tenants.vault.credentials import revoke_credential

STATUS_COLOURS = {
    ConnectionStatus.ACTIVE: "success",
    ConnectionStatus.PAUSED: "",
    ConnectionStatus.ERROR: "danger",
    ConnectionStatus.REVOKED: "warning",
}
OPEN = (ConnectionStatus.ACTIVE, ConnectionStatus.PAUSED)


def show_again(object_id: str) -> HttpResponse:
    """The page anew, with its messages."""
    address = reverse("admin:tenants_integrationconnection_change", args=[object_id])
    return HttpResponse(headers={"HX-Redirect": address})


@admin.register(IntegrationConnection)
class IntegrationConnectionAdmin(OrgAdmin):
    """Accounts at other systems."""

    icon = "cable"
    menu_rank = 150
    list_display = ("name", "provider", "shown_status", "credential", "last_synced_at")
    list_filter = ("status", "provider")
    search_fields = ("name", "provider")
    fields = ("name", "provider", "status", "settings")
    details = ("last_error", "last_synced_at", "credential", "credential_set_at")
    actions_detail = ("sync", "revoke")
    inlines = (SyncJobInline,)

    @column("status", ordering="status", colours=STATUS_COLOURS)
    def shown_status(self, connection: IntegrationConnection) -> Any:
        return connection.status, ConnectionStatus(connection.status).label

    @column("credential")
    def credential(self, connection: IntegrationConnection) -> str:
        if connection.credential_set_at is None:
            return "—"
        return f"…{connection.credential_last_four}" if connection.credential_last_four else "stored"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields: list[Any] = super().get_fields(request, obj)
        return [*fields, *self.details] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # What a connection is cannot be changed under what was read from it.
        return [*super().get_readonly_fields(request, obj), *((*self.details, "provider") if obj else ())]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "status":
            # The others are what happens to a connection; the present one stays where it is.
            held = self._status_of(request)
            kwargs["choices"] = [(s.value, s.label) for s in ConnectionStatus if s in OPEN or s == held]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def _status_of(self, request: HttpRequest) -> str:
        match = request.resolver_match
        row_id = match.kwargs.get("object_id") if match else None
        row = self.get_object(request, row_id) if row_id else None
        return row.status if row else ConnectionStatus.ACTIVE

    def save_model(self, request: HttpRequest, obj: IntegrationConnection, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif form.changed_data:
            # Only what was typed: the vault may have written to this row since it was read.
            obj.save(update_fields=form.changed_data)

    @asking_action(
        "Synchronize",
        icon="sync",
        permission="sync",
        question="Synchronize this connection?",
        effect="A job waits until a process that runs `manage.py run_sync` takes it up.",
    )
    def sync(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        connection = self.get_object(request, object_id)
        if connection is None:
            raise Http404
        actor: Any = request.user
        try:
            request_sync(connection, actor=actor)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, "A sync job waits for the next process that is free.")
        return show_again(object_id)

    def has_sync_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        row = self.get_object(request, object_id) if isinstance(object_id, str | UUID) else None
        return row is not None and row.status in SYNCED and self.has_change_permission(request)

    @asking_action(
        "Revoke credential",
        icon="key_off",
        permission="revoke",
        question="Revoke this credential?",
        effect="It is destroyed, and nothing is synchronized until another one is stored through the API.",
    )
    def revoke(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        connection = self.get_object(request, object_id)
        if connection is None:
            raise Http404
        actor: Any = request.user
        if revoke_credential(connection, actor=actor):
            messages.success(request, f"The credential of {connection} is destroyed.")
        else:
            messages.warning(request, "There is no credential to revoke.")
        return show_again(object_id)

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        row = self.get_object(request, object_id) if isinstance(object_id, str | UUID) else None
        return row is not None and row.credential_set_at is not None and self.has_change_permission(request)
