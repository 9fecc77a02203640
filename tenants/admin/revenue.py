"""Money that came in."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.models import Revenue


@admin.register(Revenue)
class RevenueAdmin(OrgAdmin):
    """Money that came in."""

    icon = "payments"
    menu_rank = 160
    list_display = ("date", "amount", "customer", "category")
    list_filter = ("category",)
    search_fields = ("category", "description")
    autocomplete_fields = ("customer",)
    fields = ("date", "amount", "customer", "category", "description")
