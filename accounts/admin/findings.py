"""The access review: what looks wrong, why, and what to do about it."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from accounts.admin.finding_filters import DetectorFilter, OrgFilter, PersonFilter, StateFilter
from accounts.admin.review_forms import AcceptForm, WindowForm
from accounts.admin.shown_rows import rows_behind
from accounts.models import AccessFinding, FindingState
from accounts.review.cleaning import preview_cleaning
from accounts.review.detectors import BY_NAME, DETECTORS
from accounts.review.findings import accept_findings, count_by_detector, reopen_findings
from accounts.review.looking import GRANTED, look_for_findings
from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column
from tenants.admin.history import tell_actor
from tenants.admin.lists import LongListMixin
from tenants.admin.references import name_people
from tenants.errors import Conflict, Refusal

STATE_COLOURS = {FindingState.OPEN: "warning", FindingState.ACCEPTED: "info", FindingState.CLOSED: ""}
# Beyond it a card says so: counting is for finding one's way.
COUNTED = 10_000
# What one request can clean in its time.
MOST = 100_000
TOO_MANY = f"These are more than {MOST:,} findings: narrow the list, and clean it in parts."


@admin.register(AccessFinding)
class AccessFindingAdmin(LongListMixin, OrgAdmin):
    """Access that looks wrong, with the evidence."""

    icon = "policy_alert"
    menu_group = "Access review"
    menu_rank = 290
    list_display = ("person", "shown_detector", "shown_evidence", "shown_state", "last_seen")
    list_filter = (StateFilter, DetectorFilter, OrgFilter, PersonFilter)
    list_filter_sheet = False
    search_fields = ("email_lower", "org__name")
    search_help_text = "The beginning of a person's e-mail"
    list_before_template = "console/review/overview.html"
    actions = ("clean", "accept", "reopen")

    @column("person")
    def person(self, finding: AccessFinding) -> str:
        return finding.email_lower

    @column("detector")
    def shown_detector(self, finding: AccessFinding) -> str:
        return title_of(finding)

    @column("evidence")
    def shown_evidence(self, finding: AccessFinding) -> str:
        return format_html('<span class="console-evidence">{}</span>', finding.evidence)

    @column("state", colours=STATE_COLOURS)
    def shown_state(self, finding: AccessFinding) -> Any:
        return finding.state, FindingState(finding.state).label

    def get_urls(self) -> list[Any]:
        look = path("look/", self.admin_site.admin_view(self.look_view), name="accounts_accessfinding_look")
        return [look, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"review_cards": self._cards(request), "may_look": self.has_change_permission(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def _cards(self, request: HttpRequest) -> list[dict[str, Any]]:
        if not self.has_view_or_change_permission(request):
            return []
        counts = count_by_detector(BY_NAME, COUNTED + 1)
        listed = reverse("admin:accounts_accessfinding_changelist")
        return [
            {
                "title": detector.title,
                "count": cap_count(counts[detector.name]),
                "link": f"{listed}?detector={detector.name}",
                "chosen": request.GET.get("detector") == detector.name,
            }
            for detector in DETECTORS
        ]

    @admin.action(description="Clean up: show what would go", permissions=["clean"])
    def clean(self, request: HttpRequest, queryset: QuerySet[AccessFinding]) -> HttpResponse:
        batch_id = preview_cleaning(read_ids(queryset), actor=request.user)  # type: ignore[arg-type]
        return redirect("admin:accounts_cleaningbatch_batch", batch_id)

    @admin.action(description="Accept: it is right", permissions=["change"])
    def accept(self, request: HttpRequest, queryset: QuerySet[AccessFinding]) -> HttpResponse | None:
        ids = read_ids(queryset.filter(state=FindingState.OPEN))
        if not ids:
            raise Conflict("None of these findings is open.")
        form = AcceptForm(request.POST if "accept" in request.POST else None)
        if form.is_valid():
            count = accept_findings(ids, **form.cleaned_data, actor=request.user)  # type: ignore[arg-type]
            messages.success(request, f"{told(count)} accepted until {form.cleaned_data['until']:%d %b %Y}.")
            return None
        context = {"form": form, "count": told(len(ids)), "kept": read_choice(request), "title": "Accept"}
        return self._show(request, "accept", context)

    @admin.action(description="Open again", permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[AccessFinding]) -> None:
        count = reopen_findings(read_ids(queryset), actor=request.user)  # type: ignore[arg-type]
        messages.success(request, f"{told(count)} opened again.")

    def look_view(self, request: HttpRequest) -> HttpResponse:
        """Look through everything at once, or for what was granted in a window."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST" and "everything" in request.POST:
            look_for_findings(actor=request.user)  # type: ignore[arg-type]
            messages.success(request, "Looked with every detector; this is what there is.")
            return redirect("admin:accounts_accessfinding_changelist")
        form = WindowForm(request.POST or None)
        if form.is_valid() and self._look_for(request, form):
            return redirect(f"{reverse('admin:accounts_accessfinding_changelist')}?detector={GRANTED}")
        return self._show(request, "look", {"form": form, "title": "Look for what a mistake granted"})

    def _look_for(self, request: HttpRequest, form: WindowForm) -> bool:
        try:
            seen = look_for_findings(actor=request.user, names=[GRANTED], window=form.window)  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            return False
        messages.success(request, f"{told(seen.found[GRANTED])} of this window.")
        return True

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The evidence, and the rows behind it; what can be done is done by the list's actions."""
        finding = self.get_object(request, unquote(object_id))
        if finding is None:
            raise Http404
        if not self.has_view_or_change_permission(request, finding):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        context = {
            "title": finding.email_lower,
            "original": finding,
            "finding": finding,
            "detector": BY_NAME.get(finding.detector),
            "rows": rows_behind(finding),
            "accepted_by": name_people([finding.accepted_by]).get(finding.accepted_by)
            or tell_actor(finding.accepted_by),
            "may_clean": finding.state == FindingState.OPEN and self.has_clean_permission(request),
            "may_change": self.has_change_permission(request),
        }
        return self._show(request, "finding", context)

    def _show(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"console/review/{name}.html", context)

    def has_clean_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("tenants.delete_userdsoaccess"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def title_of(finding: AccessFinding) -> str:
    known = BY_NAME.get(finding.detector)
    return known.title if known else finding.detector


def cap_count(count: int) -> str:
    return f"{count:,}" if count <= COUNTED else f"{COUNTED:,}+"


def told(count: int) -> str:
    return f"{count:,} finding{'' if count == 1 else 's'}"


def read_ids(findings: QuerySet[AccessFinding]) -> list[UUID]:
    """Those of the page, or all of the filter: read once, so that what is done is done to these."""
    ids = list(findings.order_by().values_list("pk", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        raise Conflict(TOO_MANY)
    return ids


def read_choice(request: HttpRequest) -> list[tuple[str, str]]:
    """What was selected, for a form that asks in between."""
    names = ("action", "select_across", "index", "_selected_action")
    return [(name, value) for name in names for value in request.POST.getlist(name)]
