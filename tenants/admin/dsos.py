"""Dental service organizations; deleted with their doctors."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column
from tenants.admin.lists import LongListMixin
from tenants.admin.soft_delete import SoftDeleteMixin
from tenants.models import Dso


@admin.register(Dso)
class DsoAdmin(SoftDeleteMixin, LongListMixin, OrgAdmin):
    """Dental service organizations; deleted with their doctors."""

    icon = "dentistry"
    menu_rank = 190
    list_display = ("shown_name", "created_at", "deleted_at")
    list_filter = ()
    search_fields = ("name_lower",)
    search_help_text = "The beginning of a name"
    sortable_by = ("shown_name",)
    fields = ("name", "deleted_at")
    readonly_fields = ("deleted_at",)

    @column("name", ordering="name_lower")
    def shown_name(self, dso: Dso) -> str:
        return dso.name
