"""Cleanings: the preview of one, its result, its way back, and its evidence."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path

from accounts.admin.asking_again import asks_again
from accounts.admin.review_forms import CleaningForm
from accounts.models import CleaningBatch, CleaningState, Outcome
from accounts.review.batches import count_outcomes, count_people, count_persons, parts_of, rows_of
from accounts.review.cleaning import apply_cleaning, removes_members
from accounts.review.evidence import as_csv, as_json
from accounts.review.undo import undo_cleaning
from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column
from tenants.admin.history import tell_actor
from tenants.admin.references import name_people
from tenants.errors import Refusal

STATE_COLOURS = {CleaningState.PREVIEW: "", CleaningState.APPLIED: "success", CleaningState.UNDONE: "info"}
PEOPLE_A_PAGE, ROWS_A_PAGE = 25, 50
FORMATS = {"csv": ("text/csv; charset=utf-8", as_csv), "json": ("application/json", as_json)}
SKIPPED = (Outcome.CHANGED, Outcome.GONE)


@admin.register(CleaningBatch)
class CleaningBatchAdmin(OrgAdmin):
    """What was removed, or is about to be."""

    icon = "cleaning_services"
    menu_group = "Access review"
    menu_rank = 291
    list_display = ("shown_time", "shown_state", "shown_reason", "shown_rows")
    list_filter = ("state",)
    search_fields = ("reason",)
    sortable_by = ()
    actions = None

    @column("time")
    def shown_time(self, part: CleaningBatch) -> str:
        return f"{part.applied_at or part.created_at:%d %b %Y %H:%M}"

    @column("state", colours=STATE_COLOURS)
    def shown_state(self, part: CleaningBatch) -> Any:
        return part.state, CleaningState(part.state).label

    @column("reason")
    def shown_reason(self, part: CleaningBatch) -> str:
        return part.reason or "—"

    @column("access rows")
    def shown_rows(self, part: CleaningBatch) -> str:
        return f"{part.planned_rows:,} of {part.access_rows:,}"

    def get_urls(self) -> list[Any]:
        def wrap(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("batch/<uuid:batch_id>/", wrap(self.batch_view), name="accounts_cleaningbatch_batch"),
            path("batch/<uuid:batch_id>/apply/", wrap(self.apply_view), name="accounts_cleaningbatch_apply"),
            path("batch/<uuid:batch_id>/undo/", wrap(self.undo_view), name="accounts_cleaningbatch_undo"),
            path("batch/<uuid:batch_id>/rows.<str:kind>", wrap(self.evidence_view), name="accounts_cleaningbatch_rows"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A part leads to its batch: in all organizations together that may be more than this part."""
        part = self.get_object(request, unquote(object_id))
        if part is None:
            raise Http404
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        return self.batch_view(request, part.batch_id)

    def batch_view(self, request: HttpRequest, batch_id: UUID, form: Any = None) -> HttpResponse:
        """The preview before it is applied, and the result after."""
        parts = self._find_parts(request, batch_id)
        first = parts[0]
        warnings = [warning for part in parts for warning in part.warnings()]
        outcomes = count_outcomes(parts)
        listed: Any = PeopleOf(parts)
        people: Any = Paginator(listed, PEOPLE_A_PAGE).get_page(request.GET.get("people"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": TITLES[CleaningState(first.state)],
            "original": first,
            "first": first,
            "batch_id": batch_id,
            "parts": parts,
            "warnings": warnings,
            "outcomes": [(outcome.label, count, outcome) for outcome, count in outcomes.items()],
            "skipped": sum(outcomes.get(outcome, 0) for outcome in SKIPPED),
            "people": people,
            "rows": Paginator(rows_of(parts), ROWS_A_PAGE).get_page(request.GET.get("rows")),
            "names": self._name_actors(parts),
            "may_clean": self._may_clean(request, batch_id),
            "form": form or CleaningForm(warned=bool(warnings)),
        }
        return TemplateResponse(request, "console/review/cleaning.html", context)

    @asks_again
    def apply_view(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        """Remove what the preview showed, with a reason."""
        parts = self._find_parts(request, batch_id, to_change=True)
        if request.method != "POST":
            return redirect("admin:accounts_cleaningbatch_batch", batch_id)
        form = CleaningForm(request.POST, warned=any(part.warnings() for part in parts))
        if not form.is_valid():
            return self.batch_view(request, batch_id, form)
        said: dict[str, Any] = {"reason": form.cleaned_data["reason"], "despite_warnings": True}
        return self._do(request, batch_id, apply_cleaning, "Removed; it can be undone on this page.", **said)

    def undo_view(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        """Bring back what was removed."""
        self._find_parts(request, batch_id, to_change=True)
        if request.method != "POST":
            return redirect("admin:accounts_cleaningbatch_batch", batch_id)
        return self._do(request, batch_id, undo_cleaning, "Undone; every row below says what became of it.")

    def _do(self, request: HttpRequest, batch_id: UUID, verb: Any, success: str, **said: Any) -> HttpResponse:
        try:
            verb(batch_id, actor=request.user, **said)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, success)
        return redirect("admin:accounts_cleaningbatch_batch", batch_id)

    def evidence_view(self, request: HttpRequest, batch_id: UUID, kind: str) -> HttpResponse:
        """Every row of the batch, to keep."""
        parts = self._find_parts(request, batch_id)
        if kind not in FORMATS:
            raise Http404
        content_type, write = FORMATS[kind]
        disposition = f'attachment; filename="cleaning-{batch_id}.{kind}"'
        return HttpResponse(write(parts), content_type=content_type, headers={"Content-Disposition": disposition})

    def _find_parts(self, request: HttpRequest, batch_id: UUID, *, to_change: bool = False) -> list[CleaningBatch]:
        parts = parts_of(batch_id)
        if not parts:
            raise Http404
        allowed = self._may_clean(request, batch_id) if to_change else self.has_view_permission(request)
        if not allowed:
            raise PermissionDenied
        return parts

    def _may_clean(self, request: HttpRequest, batch_id: UUID) -> bool:
        needed = ["tenants.delete_userdsoaccess"]
        if removes_members(batch_id):
            needed.append("tenants.delete_orgmember")
        return self.has_view_permission(request) and bool(request.user.has_perms(needed))

    def _name_actors(self, parts: list[CleaningBatch]) -> dict[str, str]:
        first = parts[0]
        actors = [first.made_by, first.applied_by, first.undone_by]
        people = name_people(actors)
        names = (people.get(actor) or tell_actor(actor) for actor in actors)
        return dict(zip(("made", "applied", "undone"), names, strict=True))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


TITLES = {
    CleaningState.PREVIEW: "Preview of a cleaning",
    CleaningState.APPLIED: "Result of a cleaning",
    CleaningState.UNDONE: "A cleaning that was undone",
}


class PeopleOf:
    """The people of a batch, for a paginator: counted once, and read a page at a time."""

    ordered = True

    def __init__(self, parts: list[CleaningBatch]) -> None:
        self.parts = parts

    def count(self) -> int:
        return count_persons(self.parts)

    def __getitem__(self, page: slice) -> list[Any]:
        return list(count_people(self.parts, offset=page.start, limit=page.stop - page.start))
