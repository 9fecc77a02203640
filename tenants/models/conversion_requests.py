"""What people ask of a conversion from the console, for a process with the owning login to carry out."""

from typing import ClassVar

from django.db import models

from postgres.keys import IdField
from tenants.constraints import OperationsGuard
from tenants.models.base import Timestamps
from tenants.models.conversions import Conversion


class Asked(models.TextChoices):
    """What can be asked for: going on from wherever the last process got to, or the proof."""

    RUN = "run"
    VERIFY = "verify"


class ConversionRequest(Timestamps):
    """One wish about a conversion, and what came of it."""

    id = IdField()
    conversion = models.ForeignKey(Conversion, models.CASCADE, related_name="requests")
    verb = models.TextField(choices=Asked)
    asked_by = models.TextField(db_comment="An actor, as in the log.")
    worker = models.TextField(blank=True, db_default="", default="", db_comment="host:pid of who carries it out.")
    taken_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.BooleanField(db_default=False, default=False, db_comment="Wholly: nothing waits, the proof holds.")
    outcome = models.TextField(blank=True, db_default="", default="", db_comment="What came of it, in sentences.")
    proof = models.JSONField(null=True, blank=True, db_comment="Of `verify`: every check, as --json gives it.")

    class Meta:
        db_table = "conversion_requests"
        db_table_comment = "What people asked of conversions from the console, and what came of it."
        ordering: ClassVar = ["conversion", "-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversion", "verb"],
                condition=models.Q(finished_at__isnull=True),
                name="conversion_requests_once",
            ),
            models.CheckConstraint(condition=models.Q(verb__in=Asked.values), name="conversion_requests_verb"),
            OperationsGuard(name="conversion_requests_guard", access="conversion_requests"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} for {self.conversion_id}"
