"""Who works in a workspace."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.response import Response

from tenants.api.idempotency import idempotent
from tenants.api.org_rows import OrgRows, make_view
from tenants.models import Workspace, WorkspaceMember


class PlaceRows(OrgRows):
    """The members of one workspace, which the address names."""

    def rows(self) -> QuerySet[Any, Any]:
        return super().rows().filter(workspace_id=self.kwargs["workspace_id"])

    def complete(self, row: dict[str, Any]) -> dict[str, Any]:
        return {**super().complete(row), "workspace_id": self.kwargs["workspace_id"]}

    def list(self, request: Any, **kwargs: Any) -> Response:
        self.require_workspace(kwargs["workspace_id"])
        return super().list(request)

    @idempotent
    def create(self, request: Any, **kwargs: Any) -> Response:
        self.require_workspace(kwargs["workspace_id"])
        return super().create(request)

    def require_workspace(self, workspace_id: UUID) -> None:
        """Foreign is missing."""
        if not Workspace.objects.filter(pk=workspace_id).exists():
            raise Http404


PlaceView = make_view(WorkspaceMember, stamped=("workspace_id",), frozen=("user_id",), base=PlaceRows)
