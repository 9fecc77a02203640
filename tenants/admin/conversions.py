"""Conversions: watched while another process works, paused, resumed, tried again and proved from the page."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_POST

from tenants.admin.conversion_page import build_live
from tenants.admin.decorators import column
from tenants.admin.operations import OperationsAdmin
from tenants.backfill.requests import ask, find_attendant
from tenants.backfill.steering import pause_conversion, resume_conversion
from tenants.models import Asked, Conversion, ConversionState, Phase, TableState

STATE_COLOURS = {"open": "info", "paused": "warning", "waits for you": "danger", "released": "success", "undone": ""}
LONGEST_REASON = 500
CHANGES_SHOWN = 200
NOBODY_ATTENDS = " No process attends to the console: type manage.py backfill_org_ids attend"


@admin.register(Conversion)
class ConversionAdmin(OperationsAdmin):
    """Every conversion, newest first, each with a page that follows it live."""

    icon = "moving"
    list_display = ("shown_name", "shown_state", "shown_tables", "shown_filled", "created_at")
    list_filter = ("state", "created_at")
    ordering = ("-number",)
    sortable_by = ()
    empty_template = "console/no_conversion.html"
    change_list_template = "console/conversions.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        filled = ~Q(tables__phase__in=[Phase.START, Phase.COLUMN])
        parked = Q(tables__state=TableState.PARKED)
        rows = super().get_queryset(request)
        return rows.annotate(
            all_tables=Count("tables"), filled=Count("tables", filter=filled), parked=Count("tables", filter=parked)
        )

    @column("conversion")
    def shown_name(self, conversion: Conversion) -> str:
        return f"{conversion.number}: {', '.join(conversion.schemas)}"

    @column("state", colours=STATE_COLOURS)
    def shown_state(self, conversion: Any) -> Any:
        if conversion.state == ConversionState.OPEN and conversion.paused_at:
            return "paused", "Paused"
        if conversion.state == ConversionState.OPEN and conversion.parked:
            return "waits for you", "Waits for you"
        return conversion.state, ConversionState(conversion.state).label

    @column("tables")
    def shown_tables(self, conversion: Any) -> str:
        return f"{conversion.all_tables:,}"

    @column("filled")
    def shown_filled(self, conversion: Any) -> str:
        return f"{conversion.filled:,}"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        name = "tenants_conversion"
        return [
            path("<uuid:object_id>/live/", view(self.live_view), name=f"{name}_live"),
            path("<uuid:object_id>/steer/", view(require_POST(self.steer_view)), name=f"{name}_steer"),
            *super().get_urls(),
        ]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Not a form: what happens, and what can be asked for."""
        conversion = self._find(request, object_id)
        changes = conversion.changes.select_related("table").order_by("-made_at", "-id")
        context = {
            **self.admin_site.each_context(request),
            **build_live(conversion),
            "title": str(conversion),
            "opts": self.opts,
            "original": conversion,
            "object_id": object_id,
            "may_steer": self.has_steer_permission(request),
            "changes": changes[:CHANGES_SHOWN],
            "changes_count": changes.count(),
            "changes_shown": CHANGES_SHOWN,
        }
        return TemplateResponse(request, "console/conversion.html", context)

    def live_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """The part that changes, alone: the page asks for it again and again."""
        conversion = self._find(request, object_id)
        context = {**build_live(conversion), "may_steer": self.has_steer_permission(request)}
        return render(request, "console/conversion_live.html", context)

    def steer_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Pause, resume, try again, prove: recorded in the person's name for whatever process works."""
        conversion = self._find(request, object_id)
        if not self.has_steer_permission(request):
            raise PermissionDenied
        steer = STEERS.get(request.POST.get("do", ""))
        if steer is None:
            raise Http404
        level, sentence = steer(conversion, request)
        messages.add_message(request, level, sentence)
        return redirect("admin:tenants_conversion_change", object_id)

    def _find(self, request: HttpRequest, object_id: Any) -> Conversion:
        conversion: Conversion | None = self.get_object(request, str(object_id))
        if conversion is None or not self.has_view_permission(request, conversion):
            raise Http404
        return conversion


Said = tuple[int, str]


def name_actor(request: HttpRequest) -> str:
    """The person, as the log writes actors."""
    return f"user:{request.user.pk}"


def pause(conversion: Conversion, request: HttpRequest) -> Said:
    reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())[:LONGEST_REASON]
    if pause_conversion(conversion, reason=reason, actor=name_actor(request)):
        return messages.SUCCESS, f"{conversion} is paused: every worker ends after its batch, and nothing is lost."
    return messages.WARNING, f"{conversion} was paused already, or has come to its end."


def resume(conversion: Conversion, request: HttpRequest) -> Said:
    if not resume_conversion(conversion):
        return messages.WARNING, f"{conversion} was not paused."
    ask(conversion, Asked.RUN, actor=name_actor(request))
    return _tell(f"{conversion} may go on.")


def retry(conversion: Conversion, request: HttpRequest) -> Said:
    if conversion.state != ConversionState.OPEN:
        return messages.WARNING, f"{conversion} is {conversion.state}: nothing of it is left to run."
    if not ask(conversion, Asked.RUN, actor=name_actor(request)):
        return messages.WARNING, "This was asked for already."
    return _tell(f"Asked: {conversion} is tried again from where it stands.")


def verify(conversion: Conversion, request: HttpRequest) -> Said:
    if conversion.state == ConversionState.UNDONE:
        return messages.WARNING, f"{conversion} is undone: there is nothing to prove."
    if not ask(conversion, Asked.VERIFY, actor=name_actor(request)):
        return messages.WARNING, "The proof was asked for already."
    return _tell("Asked: every table is read, and what is found stands here.")


def _tell(sentence: str) -> Said:
    """A wish without anybody to carry it out is no success yet."""
    if find_attendant():
        return messages.SUCCESS, sentence
    return messages.WARNING, sentence + NOBODY_ATTENDS


STEERS: dict[str, Callable[[Conversion, HttpRequest], Said]] = {
    "pause": pause,
    "resume": resume,
    "retry": retry,
    "verify": verify,
}
