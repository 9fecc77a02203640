"""The log's table, closed to everyone before it holds a row."""

import uuid

import django.db.models.functions.datetime
from django.db import migrations, models

import audit.protection
import postgres.keys


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_functions")]

    operations = [
        migrations.CreateModel(
            name="AuditLog",
            fields=[
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org_id", "created_at", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        partition_by="created_at",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "org_id",
                    models.UUIDField(
                        db_comment="The organization of the row; the nil UUID where a row belongs to none, so that the key holds it.",
                        db_default=models.Value(uuid.UUID("00000000-0000-0000-0000-000000000000")),
                    ),
                ),
                ("user_id", models.UUIDField(db_comment="The person who acted, if it was one.", null=True)),
                ("actor", models.TextField(db_comment="user:<id>, key:<id>, system:<job> or db:<login>.")),
                (
                    "impersonator_id",
                    models.UUIDField(db_comment="The staff person behind the acting person.", null=True),
                ),
                ("surface", models.TextField(db_comment="api, console, service or database.")),
                (
                    "action",
                    models.TextField(
                        db_comment="INSERT, UPDATE, DELETE, TRUNCATE, or the lower-case name of an event."
                    ),
                ),
                ("table_name", models.TextField(db_comment="The table, with its schema where that is not ours.")),
                (
                    "record_id",
                    models.TextField(db_comment="The row's key as text; a JSON array for composite keys.", null=True),
                ),
                (
                    "old_data",
                    models.JSONField(
                        db_comment="Before: the whole row of a DELETE, changed columns of an UPDATE.", null=True
                    ),
                ),
                (
                    "new_data",
                    models.JSONField(
                        db_comment="After: the whole row of an INSERT, changed columns of an UPDATE.", null=True
                    ),
                ),
                ("reason", models.TextField(db_default="")),
                ("request_id", models.TextField(db_default="")),
                ("batch_id", models.UUIDField(null=True)),
                (
                    "transaction_id",
                    models.BigIntegerField(
                        db_comment="The transaction that wrote the row: what sealing may treat as final.",
                        db_default=models.Func(
                            models.Func(function="pg_current_xact_id", output_field=models.TextField()),
                            output_field=models.BigIntegerField(),
                            template="(%(expressions)s::text::bigint)",
                        ),
                        editable=False,
                    ),
                ),
            ],
            options={
                "verbose_name": "log entry",
                "verbose_name_plural": "audit log",
                "db_table": "audit_logs",
                "db_table_comment": "What happened, by month. Nobody changes it; rows enter by trigger or log_event().",
                "ordering": ["-org_id", "-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["-created_at", "-id"], name="idx_audit_logs_time"),
                    models.Index(fields=["table_name", "record_id", "-created_at"], name="idx_audit_logs_record"),
                    models.Index(fields=["org_id", "user_id", "-created_at"], name="idx_audit_logs_person"),
                    models.Index(fields=["transaction_id", "created_at"], name="idx_audit_logs_transaction"),
                    models.Index(
                        condition=models.Q(("batch_id__isnull", False)),
                        fields=["batch_id"],
                        name="idx_audit_logs_batch",
                    ),
                ],
                "constraints": [audit.protection.LogProtection(name="audit_logs_protection")],
            },
        ),
    ]
