"""Who buys from an organization; deleted ones stay in the list until they are purged."""

from typing import Any

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column
from tenants.admin.lists import LongListMixin
from tenants.admin.showing import money
from tenants.admin.soft_delete import SoftDeleteMixin
from tenants.models import Customer, CustomerStatus

STATUS_COLOURS = {CustomerStatus.ACTIVE: "success", CustomerStatus.INACTIVE: "", CustomerStatus.CHURNED: "warning"}


@admin.register(Customer)
class CustomerAdmin(SoftDeleteMixin, LongListMixin, OrgAdmin):
    """Who buys from an organization; deleted ones stay in the list until they are purged."""

    icon = "groups"
    menu_rank = 150
    list_display = ("shown_name", "email", "shown_status", "revenue", "last_purchase", "deleted_at")
    list_filter = ("status",)
    search_fields = ("name_lower", "email_lower")
    search_help_text = "The beginning of a name or of an e-mail"
    sortable_by = ("shown_name",)
    fields = ("name", "email", "company", "industry", "status", "revenue", "last_purchase", "deleted_at")
    readonly_fields = ("revenue", "last_purchase", "deleted_at")

    @column("name", ordering="name_lower")
    def shown_name(self, customer: Customer) -> str:
        return customer.name

    @column("status", colours=STATUS_COLOURS)
    def shown_status(self, customer: Customer) -> Any:
        return customer.status, CustomerStatus(customer.status).label

    @column("revenue")
    def revenue(self, customer: Customer) -> str:
        return money(customer.total_revenue)

    @column("last purchase")
    def last_purchase(self, customer: Customer) -> Any:
        # A day: revenue has no time of day.
        return customer.last_purchase_date and customer.last_purchase_date.date()
