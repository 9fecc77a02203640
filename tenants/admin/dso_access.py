"""Who may see which DSO."""

from django.contrib import admin

from tenants.admin.base import OrgAdmin
from tenants.admin.lists import LongListMixin
from tenants.models import UserDsoAccess


@admin.register(UserDsoAccess)
class UserDsoAccessAdmin(LongListMixin, OrgAdmin):
    """Who may see which DSO."""

    icon = "key"
    menu_rank = 210
    list_display = ("user", "dso", "granted_by", "granted_at", "expires_at")
    search_fields = ("user__email_lower", "dso__name_lower")
    search_help_text = "The beginning of a person's e-mail or of a DSO's name"
    autocomplete_fields = ("user", "dso", "granted_by")
    fields = ("user", "dso", "granted_by", "expires_at")
