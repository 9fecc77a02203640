"""Screens about the database as a whole: for superusers who work in all organizations."""

from typing import Any

from django.http import HttpRequest

from tenants.admin.base import ConsoleAdmin, scope_of


class OperationsAdmin(ConsoleAdmin):
    """To look at, and to steer by buttons; within one organization there is nothing to see, and the menu is silent."""

    menu_group = "Database"
    menu_rank = 850
    actions_selection_counter = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        # Asked on the page of the sign-in too, where nobody has a scope.
        return hasattr(request, "scope") and scope_of(request).all_orgs and super().has_module_permission(request)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        # The menu goes by app, and the app has other screens.
        return super().get_model_perms(request) if self.has_module_permission(request) else {}

    def has_steer_permission(self, request: HttpRequest) -> bool:
        """The database asks the same: only such a person may write here."""
        return scope_of(request).all_orgs

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
