"""Related rows on an object's page: to look at, or to change with their parent."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline

from tenants.admin.decorators import column


class PagedFormSet(TabularInline.formset):  # type: ignore[misc]
    """Unfold's, with any page number but a number taken for the first."""

    def get_page_num(self) -> int:
        try:
            return int(super().get_page_num())
        except ValueError:
            return 1


class ReadingInline(TabularInline):  # type: ignore[misc]
    """Related rows to look at, each with a link to where it can be changed."""

    extra = 0
    per_page = 20
    tab = True
    hide_title = True
    can_delete = False
    formset = PagedFormSet

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_fields(request, obj), "opens"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "opens"]

    @column("page")
    def opens(self, row: models.Model) -> str:
        if not self.admin_site.is_registered(self.model):
            return "—"
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        return format_html('<a class="console-accent" href="{}">Open</a>', address)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WritingFormSet(PagedFormSet):
    """New rows are given their parent's organization before they are checked."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)
        if form.instance._state.adding:
            form.instance.org_id = self.instance.org_id
        return form


class WritingInline(TabularInline):  # type: ignore[misc]
    """Rows of an org table that are changed on their parent's page."""

    extra = 0
    per_page = 20
    tab = True
    hide_title = True
    formset = WritingFormSet
