"""Stores."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.models import Store


@admin.register(Store)
class StoreAdmin(OrgAdmin):
    """Where an organization sells."""

    icon = "storefront"
    menu_rank = 140
    list_display = ("name", "workspace", "timezone", "created_at")
    list_filter = ("timezone",)
    search_fields = ("name", "workspace__name")
    autocomplete_fields = ("workspace",)
    fields = ("name", "workspace", "timezone")
