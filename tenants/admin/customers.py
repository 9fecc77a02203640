"""Who buys from an organization; deleted ones stay in the list until they are purged."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.models import Customer


@admin.register(Customer)
class CustomerAdmin(OrgAdmin):
    """Who buys from an organization; deleted ones stay in the list until they are purged."""

    icon = "groups"
    menu_rank = 150
    list_display = ("name", "email", "status", "total_revenue", "last_purchase_date", "deleted_at")
    list_filter = ("status", "industry")
    search_fields = ("name_lower", "email_lower", "company")
    fields = ("name", "email", "company", "industry", "status", "total_revenue", "last_purchase_date", "deleted_at")
    readonly_fields = ("total_revenue", "last_purchase_date", "deleted_at")
