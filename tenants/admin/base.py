"""What every screen of the console inherits; the database decides which rows there are, so querysets need no filter."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.admin.asking_again import AskingAgainMixin
from tenants.admin.counting import EstimatingPaginator
from tenants.admin.decorators import column
from tenants.admin.forms import OrgForm
from tenants.admin.history import entries_of, tell_entries
from tenants.admin.inlines import ReadingInline
from tenants.admin.lists import LongList
from tenants.admin.refusals import RefusalMixin
from tenants.models import Organization, OrgModel
from tenants.scope import Scope

ENTRIES_A_PAGE = 50
# What fields are called, where their name in the database is no English.
LABELS = {
    "user": "Person",
    "email": "E-mail",
    "cost_usd": "Cost, USD",
    "query_id": "Query ID",
    "dso": "DSO",
    "avatar_url": "Picture",
}


def scope_of(request: HttpRequest) -> Scope:
    """The staff person's scope, entered by config.console."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    return scope


class ConsoleAdmin(AskingAgainMixin, RefusalMixin, ModelAdmin):  # type: ignore[misc]
    """The base of every admin: estimated counts, history from the log, 404 for what the scope does not see."""

    icon: ClassVar[str] = "table_rows"
    # The menu: under which heading (the app's name, unless said otherwise) and how far down.
    menu_group: ClassVar[str] = ""
    menu_rank: ClassVar[int] = 500
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        # Our texts are names, not essays.
        models.TextField: {"widget": UnfoldAdminTextInputWidget},
        models.JSONField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 4})},
    }
    paginator: ClassVar[Any] = EstimatingPaginator
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = False
    warn_unsaved_form = True
    compressed_fields = True
    object_history_template = "console/history.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        return LongList

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        """Every relation that the list shows, nullable ones as well: one query each, however many rows."""
        shown = {name for name in self.get_list_display(request) if isinstance(name, str)}
        relations = [f.name for f in self.opts.fields if f.is_relation and f.name in shown]
        return [*relations, *(self.list_select_related or ())]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if label := LABELS.get(db_field.name):
            kwargs.setdefault("label", label)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What can only be looked at is not there while a row is being added."""
        return [inline for inline in super().get_inlines(request, obj) if obj or not issubclass(inline, ReadingInline)]

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        # Django would redirect with a message that repeats the id: what is not in scope is not there.
        raise Http404

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, admin.utils.unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        page = EstimatingPaginator(entries_of(row), ENTRIES_A_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {row}",
            "page": page,
            "entries": tell_entries(list(page)),
            "object": row,
            "original": row,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)

    # The log's triggers see every change, with who made it: django_admin_log stays empty.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None: ...

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None: ...

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None: ...


class OrgAdmin(ConsoleAdmin):
    """An org table: new rows belong to the console's organization; in all of them the form asks."""

    form = OrgForm
    ordering: Any = ("-org_id", "-id")

    def get_queryset(self, request: HttpRequest) -> Any:
        # The policy says so too, as a range: only an equality lets the planner use an index behind org_id for an order.
        rows, org_id = super().get_queryset(request), scope_of(request).org_id
        return rows.filter(org_id=org_id) if org_id else rows

    @column("organization")
    def organization(self, row: OrgModel) -> str:
        return str(row.org)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        first, *others = super().get_list_display(request)
        return [first, "organization", *others] if scope_of(request).all_orgs else [first, *others]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return ["org", *super().get_list_select_related(request)]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = [name for name in super().get_fields(request, obj) if name not in ("org", "organization")]
        if not scope_of(request).all_orgs:
            return fields
        return ["organization" if obj else "org", *fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["organization", *super().get_readonly_fields(request, obj)]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        attributes: dict[str, Any] = {"console_org_id": scope_of(request).org_id}
        if obj is None and scope_of(request).all_orgs:
            attributes["org"] = self._org_field()
            if kwargs.get("fields"):
                kwargs["fields"] = [name for name in kwargs["fields"] if name != "org"]
        kwargs["form"] = type(self.form.__name__, (self.form,), attributes)
        return super().get_form(request, obj, change, **kwargs)

    def _org_field(self) -> forms.Field:
        widget = AutocompleteSelect(self.model._meta.get_field("org"), self.admin_site)
        return forms.ModelChoiceField(Organization.objects.all(), label="Organization", widget=widget)
