"""The log of what happened, by month; no foreign keys, for it outlives what it describes."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from audit.protection import LogProtection
from postgres.keys import CompositeKey

NO_ORG = uuid.UUID(int=0)


class AuditLog(models.Model):
    """One change of one row, or one event, with who did it, through what, and why."""

    append_only = True

    id = CompositeKey(columns=("org_id", "created_at", "id"), partition_by="created_at")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    org_id = models.UUIDField(
        db_default=models.Value(NO_ORG),
        db_comment="The organization of the row; the nil UUID where a row belongs to none, so that the key holds it.",
    )
    user_id = models.UUIDField(null=True, db_comment="The person who acted, if it was one.")
    actor = models.TextField(db_comment="user:<id>, key:<id>, system:<job> or db:<login>.")
    impersonator_id = models.UUIDField(null=True, db_comment="The staff person behind the acting person.")
    surface = models.TextField(db_comment="api, console, service or database.")
    action = models.TextField(db_comment="INSERT, UPDATE, DELETE, TRUNCATE, or the lower-case name of an event.")
    table_name = models.TextField(db_comment="The table, with its schema where that is not ours.")
    # An event may be about no row.
    record_id = models.TextField(null=True, db_comment="The row's key as text; a JSON array for composite keys.")  # noqa: DJ001
    old_data = models.JSONField(
        null=True, db_comment="Before: the whole row of a DELETE, changed columns of an UPDATE."
    )
    new_data = models.JSONField(
        null=True, db_comment="After: the whole row of an INSERT, changed columns of an UPDATE."
    )
    reason = models.TextField(db_default="")
    request_id = models.TextField(db_default="")
    batch_id = models.UUIDField(null=True)
    transaction_id = models.BigIntegerField(
        db_default=models.Func(
            models.Func(function="pg_current_xact_id", output_field=models.TextField()),
            template="(%(expressions)s::text::bigint)",
            output_field=models.BigIntegerField(),
        ),
        editable=False,
        db_comment="The transaction that wrote the row: what sealing may treat as final.",
    )

    class Meta:
        db_table = "audit_logs"
        db_table_comment = "What happened, by month. Nobody changes it; rows enter by trigger or log_event()."
        ordering: ClassVar = ["-org_id", "-created_at", "-id"]
        verbose_name = "log entry"
        verbose_name_plural = "audit log"
        constraints: ClassVar = [LogProtection(name="audit_logs_protection")]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="idx_audit_logs_time"),
            models.Index(fields=["table_name", "record_id", "-created_at"], name="idx_audit_logs_record"),
            models.Index(fields=["org_id", "user_id", "-created_at"], name="idx_audit_logs_person"),
            # The order in which the log is sealed.
            models.Index(fields=["transaction_id", "created_at"], name="idx_audit_logs_transaction"),
            models.Index(fields=["batch_id"], name="idx_audit_logs_batch", condition=models.Q(batch_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.table_name} {self.record_id or ''}".strip()
