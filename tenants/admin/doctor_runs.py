"""What the doctor found, for those who have no shell: its runs, newest first, each with its findings and remedies."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from tenants.admin.decorators import column
from tenants.admin.operations import OperationsAdmin
from tenants.doctor.keeping import count_levels
from tenants.models import DoctorRun

STATE_COLOURS = {"errors": "danger", "warnings": "warning", "well": "success"}
TONES = {"error": "danger", "warning": "warning"}


@admin.register(DoctorRun)
class DoctorRunAdmin(OperationsAdmin):
    """To read; `manage.py doctor` makes another."""

    icon = "stethoscope"
    menu_rank = 870
    list_display = ("shown_time", "shown_state", "shown_findings", "made_by")
    ordering = ("-id",)
    sortable_by = ()
    actions = ()
    change_list_template = "console/doctor_runs.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("findings")

    @column("when")
    def shown_time(self, run: DoctorRun) -> Any:
        return run.created_at

    @column("state", colours=STATE_COLOURS)
    def shown_state(self, run: DoctorRun) -> Any:
        if run.errors:
            return "errors", "Open or broken"
        return ("warnings", "To look at") if run.warnings else ("well", "Well")

    @column("found")
    def shown_findings(self, run: DoctorRun) -> str:
        return count_levels(run) or "—"

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Not a form: what was found, the worst first, and what to type against each."""
        run: DoctorRun | None = self.get_object(request, str(object_id))
        if run is None or not self.has_view_permission(request, run):
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": str(run),
            "opts": self.opts,
            "original": run,
            "run": run,
            "said": count_levels(run),
            "faults": [{**f, "tone": TONES[f["level"]]} for f in run.findings if f["level"] in TONES],
            "notes": [f for f in run.findings if f["level"] not in TONES],
            "left": run.errors + run.warnings + run.notes - len(run.findings),
            "is_newest": run.pk == self.get_queryset(request).values_list("pk", flat=True).first(),
        }
        return TemplateResponse(request, "console/doctor_run.html", context)
