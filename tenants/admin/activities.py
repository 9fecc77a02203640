"""What happened around customers."""

from typing import Any

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column
from tenants.admin.lists import LongListMixin
from tenants.models import Activity, ActivityType

TYPE_COLOURS = {ActivityType.SIGNUP: "info", ActivityType.PURCHASE: "success", ActivityType.CHURN: "warning"}


@admin.register(Activity)
class ActivityAdmin(LongListMixin, OrgAdmin):
    """What happened around customers."""

    icon = "timeline"
    menu_rank = 170
    list_display = ("shown_type", "customer", "created_at")
    list_filter = ("type",)
    search_fields = ("customer__name_lower",)
    search_help_text = "The beginning of a customer's name"
    autocomplete_fields = ("customer",)
    fields = ("type", "customer", "metadata")

    @column("type", colours=TYPE_COLOURS)
    def shown_type(self, activity: Activity) -> Any:
        return activity.type, ActivityType(activity.type).label
