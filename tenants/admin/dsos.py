"""Dental service organizations; deleted with their doctors."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.soft_delete import SoftDeleteMixin
from tenants.models import Dso


@admin.register(Dso)
class DsoAdmin(SoftDeleteMixin, OrgAdmin):
    """Dental service organizations; deleted with their doctors."""

    icon = "dentistry"
    menu_rank = 190
    list_display = ("name", "created_at", "deleted_at")
    list_filter = ()
    search_fields = ("name",)
    fields = ("name", "deleted_at")
    readonly_fields = ("deleted_at",)
