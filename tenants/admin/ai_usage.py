"""What AI queries cost."""

from typing import Any

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column
from tenants.admin.lists import LongListMixin
from tenants.admin.showing import count, money
from tenants.models import AiUsage


@admin.register(AiUsage)
class AiUsageAdmin(LongListMixin, OrgAdmin):
    """What AI queries cost."""

    icon = "smart_toy"
    menu_rank = 180
    list_display = ("date", "user", "model", "tokens_in", "tokens_out", "cost")
    search_fields = ("user__email_lower",)
    search_help_text = "The beginning of a person's e-mail"
    sortable_by = ("date",)
    autocomplete_fields = ("user",)
    fields = ("date", "user", "query_id", "model", "input_tokens", "output_tokens", "cost_usd")

    @column("tokens in")
    def tokens_in(self, query: AiUsage) -> Any:
        return count(query.input_tokens)

    @column("tokens out")
    def tokens_out(self, query: AiUsage) -> Any:
        return count(query.output_tokens)

    @column("cost, USD")
    def cost(self, query: AiUsage) -> Any:
        return money(query.cost_usd)
