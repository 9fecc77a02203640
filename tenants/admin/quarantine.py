"""Rows that no rule gives an organization to: decided here, one or thousands at once, written by the next run."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Func, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from tenants.admin.conversions import name_actor
from tenants.admin.decorators import column, page_action
from tenants.admin.history import tell_people
from tenants.admin.lists import LongList
from tenants.admin.operations import OperationsAdmin
from tenants.admin.refusals import explain_refusal
from tenants.admin.verb_pages import FindingMixin
from tenants.backfill.ruling import decide_by_hand, decide_by_rule, take_decisions_back
from tenants.errors import Refusal
from tenants.models import Conversion, Organization, QuarantinedRow, QuarantineReason
from tenants.scope import staff_scope

STATE_COLOURS = {"waits": "warning", "decided": "info", "written": "success"}
BY_HAND, BACK = "org", "back"
CANDIDATES_SHOWN = 10
WAYS = [
    (BY_HAND, "To one organization, the one below"),
    ("only_active", "By rule: the only organization that is still active, of those each row could belong to"),
    ("first_founded", "By rule: the organization founded first, of those each row could belong to"),
    (BACK, "Take earlier decisions back that were not written yet"),
]


class DecisionForm(forms.Form):
    """Where the rows belong, and why."""

    way = forms.ChoiceField(choices=WAYS, initial=BY_HAND, widget=forms.RadioSelect, label="They belong")
    org = forms.ModelChoiceField(Organization.objects.none(), required=False, label="Organization")
    reason = forms.CharField(
        max_length=500, widget=UnfoldAdminTextInputWidget, help_text="For those who read the log later."
    )

    def __init__(self, *args: Any, site: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].queryset = Organization.objects.all()  # type: ignore[attr-defined]
        self.fields["org"].widget = AutocompleteSelect(QuarantinedRow._meta.get_field("decided_org"), site)
        self.fields["org"].widget.choices = self.fields["org"].choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("way") == BY_HAND and not cleaned.get("org"):
            self.add_error("org", "Name the organization that the rows belong to.")
        return cleaned


class StateFilter(admin.SimpleListFilter):
    """Whether somebody has decided, and whether it is written."""

    title = "decision"
    parameter_name = "decision"
    conditions = {
        "waits": Q(decided_org=None, applied_at=None),
        "decided": ~Q(decided_org=None) & Q(applied_at=None),
        "written": ~Q(applied_at=None),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waits", "waits for one"), ("decided", "decided, not written yet"), ("written", "written")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[QuarantinedRow]) -> QuerySet[QuarantinedRow]:
        return queryset.filter(self.conditions.get(self.value() or "", Q()))


class TableFilter(admin.SimpleListFilter):
    """Tables that have such rows."""

    title = "table"
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = QuarantinedRow.objects.order_by("table__name").values_list("table__name", flat=True).distinct()
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[QuarantinedRow]) -> QuerySet[QuarantinedRow]:
        return queryset.filter(table__name=self.value()) if self.value() else queryset


class ConversionFilter(admin.SimpleListFilter):
    """Of which conversion."""

    title = "conversion"
    parameter_name = "run"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(c.number), f"{c.number}: {', '.join(c.schemas)}") for c in Conversion.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[QuarantinedRow]) -> QuerySet[QuarantinedRow]:
        number = self.value() or ""
        return queryset.filter(table__conversion__number=int(number)) if _is_number(number) else queryset


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9


class QuarantineList(LongList):
    """A page of rows with the names of what they could belong to, and of whoever decided."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)  # type: ignore[has-type]
        wanted = {org for row in rows for org in (*row.candidates, row.decided_org_id) if org}
        names = dict(Organization.objects.filter(pk__in=wanted).values_list("pk", "name"))
        people = tell_people({row.decided_by for row in rows if row.decided_by})
        for row in rows:
            row.could_be = name_orgs(row.candidates, names)
            row.chosen, row.person = names.get(row.decided_org_id, ""), people.get(row.decided_by, "")
        self.result_list = rows


def tell_orgs(ids: list[Any]) -> str:
    return name_orgs(ids, dict(Organization.objects.filter(pk__in=ids).values_list("pk", "name")))


def name_orgs(ids: list[Any], names: dict[Any, str]) -> str:
    """By name; of those that are gone by now, the end of the id."""
    return ", ".join(names.get(org, f"…{str(org)[-8:]}") for org in ids) or "—"


@admin.register(QuarantinedRow)
class QuarantinedRowAdmin(FindingMixin, OperationsAdmin):
    """What waits for a decision."""

    icon = "help_center"
    menu_rank = 860
    list_display = ("shown_key", "shown_table", "shown_reason", "shown_candidates", "shown_state", "shown_decision")
    list_filter = (StateFilter, TableFilter, "reason", ConversionFilter)
    list_select_related = ("table",)
    ordering = ("-id",)
    sortable_by = ()
    actions = ("decide",)
    actions_detail = ("decide_one",)
    fields = ("shown_key", "shown_table", "shown_reason", "shown_candidates", "shown_decision", "applied_at")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        return QuarantineList

    @column("row")
    def shown_key(self, row: QuarantinedRow) -> str:
        return row.key_text()

    @column("table")
    def shown_table(self, row: QuarantinedRow) -> str:
        return row.table.name

    @column("why it waits")
    def shown_reason(self, row: QuarantinedRow) -> str:
        return QuarantineReason(row.reason).label

    @column("could belong to")
    def shown_candidates(self, row: Any) -> str:
        return getattr(row, "could_be", None) or tell_orgs(row.candidates)

    @column("state", colours=STATE_COLOURS)
    def shown_state(self, row: QuarantinedRow) -> Any:
        if row.applied_at:
            return "written", "Written"
        return ("decided", "Decided") if row.decided_org_id else ("waits", "Waits")

    @column("decision")
    def shown_decision(self, row: Any) -> str:
        if not row.decided_org_id:
            return "—"
        chosen = getattr(row, "chosen", None) or str(row.decided_org)
        by = getattr(row, "person", "")
        return f"{chosen} (by {by})" if by else chosen

    def has_decide_one_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        row = self.find(request, object_id) if object_id is not None else None
        return self.has_steer_permission(request) and (row is None or row.applied_at is None)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self.has_steer_permission(request)

    @admin.action(description="Decide where they belong …", permissions=["decide"])
    def decide(self, request: HttpRequest, queryset: QuerySet[QuarantinedRow]) -> HttpResponse:
        """Ask first: how many of which table and why; then record it for all of them."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        back = request.get_full_path()
        selected, across = request.POST.getlist("_selected_action"), request.POST.get("select_across", "0")
        return self._ask(request, queryset, back=back, selected=selected, select_across=across)

    @page_action("Decide", icon="rule", permission="decide_one", primary=True)
    def decide_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The same question about the row of this page."""
        row, back = (
            self.find_or_404(request, object_id),
            reverse("admin:tenants_quarantinedrow_change", args=[object_id]),
        )
        return self._ask(request, QuarantinedRow.objects.filter(pk=row.pk), back=back)

    def _ask(
        self, request: HttpRequest, queryset: QuerySet[QuarantinedRow], *, back: str, **carried: Any
    ) -> HttpResponse:
        asked = "apply" in request.POST
        form = DecisionForm(request.POST if asked else None, site=self.admin_site)
        if asked and form.is_valid():
            self._record(request, queryset, form.cleaned_data)
            return redirect(back)
        waiting = queryset.filter(applied_at=None).order_by()
        context = {
            **self.admin_site.each_context(request),
            "title": "Decide where rows belong",
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "groups": _count_groups(waiting),
            **_tell_candidates(waiting),
            "waiting": waiting.count(),
            "written": queryset.exclude(applied_at=None).count(),
            "back": back,
            **carried,
        }
        return TemplateResponse(request, "console/decide_rows.html", context)

    def _record(self, request: HttpRequest, rows: QuerySet[QuarantinedRow], wanted: dict[str, Any]) -> None:
        """In the person's name, with the reason that the log will show beside every row."""
        actor, way = name_actor(request), wanted["way"]
        try:
            with staff_scope(request.user.pk, all_orgs=True, reason=wanted["reason"], request_id=request.request_id):  # type: ignore
                changed, sentence = _carry_out(rows, way, wanted["org"], actor)
        except Refusal as refusal:
            messages.error(request, explain_refusal(refusal))
            return
        messages.add_message(request, messages.SUCCESS if changed else messages.WARNING, sentence)


def _count_groups(waiting: QuerySet[QuarantinedRow]) -> list[tuple[str, str, int]]:
    """How many rows of which table wait for which reason."""
    counted = waiting.values_list("table__name", "reason").annotate(rows=Count("pk")).order_by("-rows")
    return [(table, QuarantineReason(reason).label, rows) for table, reason, rows in counted]


def _tell_candidates(waiting: QuerySet[QuarantinedRow]) -> dict[str, Any]:
    """What the rows could belong to, the most frequent first, and how many could belong to nobody."""
    each = waiting.annotate(org=Func("candidates", function="unnest")).values("org").annotate(rows=Count("pk"))
    found = list(each.order_by("-rows").values_list("org", "rows")[: CANDIDATES_SHOWN + 1])
    names = dict(Organization.objects.filter(pk__in=[org for org, _ in found]).values_list("pk", "name"))
    return {
        "candidates": [(names[org], rows) for org, rows in found[:CANDIDATES_SHOWN] if org in names],
        "more_candidates": len(found) > CANDIDATES_SHOWN,
        "without": waiting.filter(candidates__len=0).count(),
    }


def _carry_out(rows: QuerySet[QuarantinedRow], way: str, org: Organization | None, actor: str) -> tuple[int, str]:
    """How many rows are different now, and what there is to say."""
    plain = QuarantinedRow.objects.filter(pk__in=list(rows.order_by().values_list("pk", flat=True)))
    if way == BACK:
        taken = take_decisions_back(plain)
        return taken, f"{taken:,} decisions are taken back."
    if way == BY_HAND and org:
        decided, left = decide_by_hand(plain, org, actor=actor)
        said, others = (
            f"{decided:,} rows belong to {org}.",
            f" {left:,} could not belong to {org}, and stay as they are.",
        )
    else:
        decided, left = decide_by_rule(plain, way, actor=actor)
        said = f"{decided:,} rows are decided by the rule."
        others = f" The rule says nothing about {left:,}: they go on waiting."
    return decided, f"{said}{' The next run writes it.' if decided else ''}{others if left else ''}"
