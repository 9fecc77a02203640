"""Doctors of a DSO."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column
from tenants.admin.lists import LongListMixin
from tenants.admin.soft_delete import SoftDeleteMixin
from tenants.models import Doctor


@admin.register(Doctor)
class DoctorAdmin(SoftDeleteMixin, LongListMixin, OrgAdmin):
    """Doctors of a DSO."""

    icon = "stethoscope"
    menu_rank = 200
    list_display = ("shown_name", "dso", "created_at", "deleted_at")
    search_fields = ("name_lower", "dso__name_lower")
    search_help_text = "The beginning of a doctor's or a DSO's name"
    sortable_by = ("shown_name",)
    autocomplete_fields = ("dso",)
    fields = ("name", "dso", "deleted_at")
    readonly_fields = ("deleted_at",)

    @column("name", ordering="name_lower")
    def shown_name(self, doctor: Doctor) -> str:
        return doctor.name
