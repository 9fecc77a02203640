"""What happened around customers."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.models import Activity


@admin.register(Activity)
class ActivityAdmin(OrgAdmin):
    """What happened around customers."""

    icon = "timeline"
    menu_rank = 170
    list_display = ("type", "customer", "created_at")
    list_filter = ("type",)
    search_fields = ("type",)
    autocomplete_fields = ("customer",)
    fields = ("type", "customer", "metadata")
