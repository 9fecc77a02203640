"""Connections to other systems: their settings, their state, and that they have a credential, which nobody is shown."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tenants.admin.base import OrgAdmin
from tenants.admin.connection_pages import ConnectionPagesMixin
from tenants.admin.decorators import column
from tenants.admin.sync_jobs import SyncJobInline
from tenants.models import ConnectionStatus, IntegrationConnection

STATUS_COLOURS = {
    ConnectionStatus.ACTIVE: "success",
    ConnectionStatus.PAUSED: "",
    ConnectionStatus.ERROR: "danger",
    ConnectionStatus.REVOKED: "warning",
}
OPEN = (ConnectionStatus.ACTIVE, ConnectionStatus.PAUSED)


@admin.register(IntegrationConnection)
class IntegrationConnectionAdmin(ConnectionPagesMixin, OrgAdmin):
    """Accounts at other systems."""

    icon = "cable"
    menu_rank = 150
    list_display = ("name", "provider", "shown_status", "credential", "last_synced_at")
    list_filter = ("status", "provider")
    search_fields = ("name", "provider")
    fields = ("name", "provider", "status", "settings")
    details = ("last_error", "last_synced_at", "credential", "credential_set_at")
    inlines = (SyncJobInline,)

    @column("status", ordering="status", colours=STATUS_COLOURS)
    def shown_status(self, connection: IntegrationConnection) -> Any:
        return connection.status, ConnectionStatus(connection.status).label

    @column("credential")
    def credential(self, connection: IntegrationConnection) -> str:
        if connection.credential_set_at is None:
            return "none"
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
