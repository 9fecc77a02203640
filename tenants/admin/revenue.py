"""Money that came in."""

from typing import Any

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column
from tenants.admin.lists import LongListMixin
from tenants.admin.showing import money
from tenants.models import Revenue


@admin.register(Revenue)
class RevenueAdmin(LongListMixin, OrgAdmin):
    """Money that came in."""

    icon = "payments"
    menu_rank = 160
    list_display = ("date", "shown_amount", "customer", "category")
    search_fields = ("customer__name_lower",)
    search_help_text = "The beginning of a customer's name"
    sortable_by = ("date",)
    autocomplete_fields = ("customer",)
    fields = ("date", "amount", "customer", "category", "description")

    @column("amount")
    def shown_amount(self, revenue: Revenue) -> Any:
        return money(revenue.amount)
