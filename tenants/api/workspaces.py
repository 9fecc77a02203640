"""Who works in a workspace."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from tenants.api.org_rows import OrgRows, make_view
from tenants.models import Workspace, WorkspaceMember


class PlaceRows(OrgRows):
    """The members of one workspace, which the address names."""

    def rows(self) -> QuerySet[Any, Any]:
        return super().rows().filter(workspace_id=self.kwargs["workspace_id"])

    def complete(self, row: dict[str, Any]) -> dict[str, Any]:
        return {**super().complete(row), "workspace_id": self.kwargs["workspace_id"]}

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Foreign is missing; a row that is asked for says so itself."""
        super().initial(request, *args, **kwargs)
        asked = Workspace.objects.filter(pk=kwargs["workspace_id"])
        if self.action in ("list", "create") and not asked.exists():
            raise Http404


PlaceView = make_view(WorkspaceMember, stamped=("workspace_id",), frozen=("user_id",), base=PlaceRows)
