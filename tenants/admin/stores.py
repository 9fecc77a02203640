"""Where an organization sells; deleted ones stay in the list until they are purged."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.soft_delete import SoftDeleteMixin
from tenants.models import Store


@admin.register(Store)
class StoreAdmin(SoftDeleteMixin, OrgAdmin):
    """Where an organization sells."""

    icon = "storefront"
    menu_rank = 140
    list_display = ("name", "workspace", "timezone", "created_at", "deleted_at")
    list_filter = ("timezone",)
    search_fields = ("name", "workspace__name")
    autocomplete_fields = ("workspace",)
    fields = ("name", "workspace", "timezone", "deleted_at")
    readonly_fields = ("deleted_at",)
