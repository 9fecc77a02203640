"""Everything a conversion has changed in the database, each with the SQL that takes it back."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now

from postgres.keys import IdField
from tenants.constraints import OperationsGuard
from tenants.models.base import Timestamps
from tenants.models.conversions import Conversion, ConversionTable, Phase


class WallClock(Now):
    """The time of the statement: what one transaction changes has an order too."""

    template = "clock_timestamp()"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.template, **context)


class ConversionChange(Timestamps):
    """One change, recorded in its own transaction; `rollback` runs the undos backwards."""

    id = IdField()
    conversion = models.ForeignKey(Conversion, models.CASCADE, related_name="changes")
    table = models.ForeignKey(ConversionTable, models.CASCADE, null=True, blank=True, related_name="changes")
    phase = models.TextField(choices=Phase)
    kind = models.TextField(db_comment="What was changed: column, trigger_gated, settings, policy_dropped …")
    name = models.TextField(db_comment="The object's name.")
    undo = models.TextField(db_comment="SQL, safe to run twice; empty where there is nothing to undo.")
    alone = models.BooleanField(
        db_default=False, default=False, db_comment="Its undo runs outside a transaction: DROP INDEX CONCURRENTLY."
    )
    temporary = models.BooleanField(
        db_default=False, default=False, db_comment="Undone when its phase ends, and after a crash."
    )
    made_at = models.DateTimeField(
        db_default=WallClock(), editable=False, db_comment="Undos run backwards in this order."
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "conversion_changes"
        db_table_comment = "What conversions changed, and how each change is undone."
        ordering: ClassVar = ["conversion", "made_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversion", "table", "phase", "kind", "name"],
                condition=models.Q(undone_at__isnull=True),
                nulls_distinct=False,
                name="conversion_changes_once",
            ),
            OperationsGuard(name="conversion_changes_guard", access="conversion_progress", audited=False),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
