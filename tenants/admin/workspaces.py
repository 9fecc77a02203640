"""Workspaces and who works in them."""

from typing import Any

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.inlines import WritingInline
from tenants.models import Workspace, WorkspaceMember


class WorkspaceMemberInline(WritingInline):
    """Members of the organization who work here."""

    model = WorkspaceMember
    fields = ("user", "role")
    autocomplete_fields = ("user",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("user")


@admin.register(Workspace)
class WorkspaceAdmin(OrgAdmin):
    """The parts of an organization."""

    icon = "workspaces"
    menu_rank = 130
    list_display = ("name", "created_at")
    search_fields = ("name",)
    fields = ("name",)
    inlines = (WorkspaceMemberInline,)
