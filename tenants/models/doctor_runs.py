"""What the doctor found when it last looked at the whole database, for the console to show."""

from typing import ClassVar

from django.db import models

from postgres.keys import IdField
from tenants.constraints import OperationsGuard
from tenants.models.base import Timestamps


class DoctorRun(Timestamps):
    """One look at the whole database; the newest ones are kept."""

    id = IdField()
    made_by = models.TextField(db_comment="The command that looked: doctor, or maintain.")
    errors = models.PositiveIntegerField(db_default=0, default=0)
    warnings = models.PositiveIntegerField(db_default=0, default=0)
    notes = models.PositiveIntegerField(db_default=0, default=0, db_comment="Findings of the level info.")
    findings = models.JSONField(db_comment="The gravest of them, each as `manage.py doctor --json` gives it.")

    class Meta:
        db_table = "doctor_runs"
        db_table_comment = "What the doctor found, each time it looked at the whole database."
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [OperationsGuard(name="doctor_runs_guard", access="doctor_runs", audited=False)]

    def __str__(self) -> str:
        return f"Doctor run of {self.created_at:%-d %B %Y, %H:%M} UTC"
