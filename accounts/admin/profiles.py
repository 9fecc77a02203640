"""Profiles: people as their colleagues see them; made and removed by the database."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import UserProfile
from tenants.admin.base import ConsoleAdmin
from tenants.admin.counting import PeoplePaginator


@admin.register(UserProfile)
class ProfileAdmin(ConsoleAdmin):
    """Names and pictures."""

    icon = "account_circle"
    paginator = PeoplePaginator
    menu_rank = 310
    list_display = ("email", "full_name", "updated_at")
    search_fields = ("email", "full_name")
    ordering = ("email",)
    sortable_by = ()
    fields = ("user", "email", "full_name", "avatar_url")
    readonly_fields = ("user", "email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
