"""Who may see which DSO."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.models import UserDsoAccess


@admin.register(UserDsoAccess)
class UserDsoAccessAdmin(OrgAdmin):
    """Who may see which DSO."""

    icon = "key"
    menu_rank = 210
    list_display = ("user", "dso", "granted_by", "granted_at", "expires_at")
    list_filter = ("expires_at",)
    search_fields = ("user__email_lower", "dso__name")
    autocomplete_fields = ("user", "dso", "granted_by")
    fields = ("user", "dso", "granted_by", "expires_at")
