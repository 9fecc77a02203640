"""Groups of permissions: what staff who are not superusers may do in the console."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from tenants.admin.base import ConsoleAdmin, scope_of

admin.site.unregister(Group)


@admin.register(Group)
class ConsoleGroupAdmin(GroupAdmin, ConsoleAdmin):  # type: ignore[misc]
    """Belongs to no organization: changed by superusers who work in all of them."""

    icon = "admin_panel_settings"
    menu_group = "People"
    menu_rank = 320
    delete_confirmation_template = "console/delete_by_verb.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return scope_of(request).all_orgs

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return scope_of(request).all_orgs

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return scope_of(request).all_orgs

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Who loses what, and not every line of the table between."""
        told = [
            f"{group}: {_count(group.user_set.count(), 'person loses', 'people lose')}"
            f" its {_count(group.permissions.count(), 'permission', 'permissions')}; their accounts stay."
            for group in objs
        ]
        return told, {}, set(), []


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
