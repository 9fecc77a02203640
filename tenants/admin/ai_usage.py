"""What AI queries cost."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.models import AiUsage


@admin.register(AiUsage)
class AiUsageAdmin(OrgAdmin):
    """What AI queries cost."""

    icon = "smart_toy"
    menu_rank = 180
    list_display = ("date", "user", "model", "input_tokens", "output_tokens", "cost_usd")
    list_filter = ("model",)
    search_fields = ("model", "user__email_lower")
    autocomplete_fields = ("user",)
    fields = ("date", "user", "query_id", "model", "input_tokens", "output_tokens", "cost_usd")
