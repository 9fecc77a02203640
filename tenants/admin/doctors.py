"""Doctors of a DSO."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.models import Doctor


@admin.register(Doctor)
class DoctorAdmin(OrgAdmin):
    """Doctors of a DSO."""

    icon = "stethoscope"
    menu_rank = 200
    list_display = ("name", "dso", "created_at", "deleted_at")
    list_filter = ()
    search_fields = ("name", "dso__name")
    autocomplete_fields = ("dso",)
    fields = ("name", "dso", "deleted_at")
    readonly_fields = ("deleted_at",)
