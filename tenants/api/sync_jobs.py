"""Sync jobs: listed, asked for, and cancelled; `manage.py run_sync` does them."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from tenants.api.fields import IdField
from tenants.api.idempotency import idempotent
from tenants.api.org_rows import OrgRows, make_view
from tenants.models import IntegrationConnection, Role, SyncJob
from tenants.sync.jobs import cancel_sync, request_sync


class SyncRequest(serializers.Serializer[Any]):
    """Which connection to synchronize."""

    connection_id = IdField()


class JobRows(OrgRows):
    """Sync jobs, which only verbs and `run_sync` change."""

    roles = {"create": Role.ADMIN, "cancel": Role.ADMIN}
    takes_many = False

    @idempotent
    def create(self, request: Any, **kwargs: Any) -> Response:
        """Ask for a sync of a connection; 409 while another one waits, or while the connection is not active."""
        wanted = IntegrationConnection(pk=self.validate(SyncRequest)["connection_id"], org_id=self.org.pk)
        made = request_sync(wanted, actor=self.actor)
        response = self.one(self.find(made.pk), 201)
        response["Location"] = request.build_absolute_uri(f"{request.path}{made.pk}/")
        return response

    def cancel(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Cancel a job: one that waits at once, one that runs at its next batch; what it read stays."""
        cancel_sync(SyncJob(pk=row_id, org_id=self.org.pk), actor=self.actor)
        return self.one(self.find(row_id))


JobView = make_view(SyncJob, base=JobRows, writing=SyncRequest)
