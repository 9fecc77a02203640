"""Doctors of a DSO."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.lists import LongListMixin
from tenants.admin.soft_delete import SoftDeleteMixin
from tenants.models import Doctor


@admin.register(Doctor)
class DoctorAdmin(SoftDeleteMixin, LongListMixin, OrgAdmin):
    """Doctors of a DSO."""

    icon = "stethoscope"
    menu_rank = 200
    list_display = ("name", "dso", "created_at", "deleted_at")
    search_fields = ("name", "dso__name")
    search_help_text = "Part of a doctor's or a DSO's name"
    autocomplete_fields = ("dso",)
    fields = ("name", "dso", "deleted_at")
    readonly_fields = ("deleted_at",)
