"""Findings of the access review, and cleanings with the rows they are about."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import postgres.keys
import tenants.constraints
import tenants.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_people_hashed"),
        ("tenants", "0032_access_rows_read_by_services"),
    ]

    operations = [
        migrations.CreateModel(
            name="CleaningBatch",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "batch_id",
                    models.UUIDField(db_comment="As in audit_logs.", default=postgres.keys.new_id, editable=False),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[("preview", "preview"), ("applied", "applied"), ("undone", "undone")],
                        db_default="preview",
                        default="preview",
                    ),
                ),
                ("reason", models.TextField(blank=True, db_default="", default="")),
                ("made_by", models.TextField(db_comment="An actor, as in the log.")),
                (
                    "access_rows",
                    models.BigIntegerField(db_comment="The organization's rows of user_dso_access at the preview."),
                ),
                ("planned_rows", models.BigIntegerField(db_comment="How many of these would go.")),
                (
                    "last_owners",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        db_comment="People among those concerned whom the organization has as its only owner.",
                        db_default=models.Value(
                            [], django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("applied_by", models.TextField(blank=True, db_default="", default="")),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("undone_by", models.TextField(blank=True, db_default="", default="")),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "cleaning",
                "db_table": "cleaning_batches",
                "db_table_comment": "Cleanings of wrong access, one row per batch and organization.",
                "ordering": ["-org_id", "-id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="CleaningRow",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("table_name", models.TextField()),
                ("row_id", models.UUIDField()),
                ("user_id", models.UUIDField(db_comment="No key: the evidence outlives the person.")),
                ("email_lower", models.TextField()),
                ("shown", models.TextField(db_comment="What the row lets the person into.")),
                ("evidence", models.TextField(db_comment="A line for each finding behind it.")),
                (
                    "finding_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        db_default=models.Value(
                            [], django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("data", models.JSONField(db_comment="The whole row: what it is compared with, and restored from.")),
                (
                    "outcome",
                    models.TextField(
                        choices=[
                            ("planned", "goes"),
                            ("kept", "stays: the last owner"),
                            ("removed", "removed"),
                            ("changed", "skipped: changed since the preview"),
                            ("gone", "skipped: gone before"),
                            ("restored", "restored"),
                            ("granter_gone", "restored, but who granted it is gone"),
                            ("person_gone", "not restored: the person is gone"),
                            ("dso_gone", "not restored: the DSO is gone"),
                            ("workspace_gone", "not restored: the workspace is gone"),
                            ("membership_gone", "not restored: the person is no member"),
                            ("there_again", "not restored: there is such a row again"),
                        ],
                        db_default="planned",
                        default="planned",
                    ),
                ),
                (
                    "batch",
                    tenants.fields.OrgForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="accounts.cleaningbatch"
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "cleaned row",
                "db_table": "cleaning_rows",
                "db_table_comment": "The rows that cleanings removed or left, as they were.",
                "ordering": ["-org_id", "-id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AccessFinding",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "email_lower",
                    models.TextField(
                        db_comment="The person's e-mail when last seen: staff of one organization cannot read it of a stranger."
                    ),
                ),
                ("detector", models.TextField()),
                ("key", models.TextField(db_comment="What makes it the same finding the next time.")),
                ("evidence", models.TextField(db_comment="Why it looks wrong, in a sentence.")),
                (
                    "row_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        db_comment="Rows of user_dso_access that would go.",
                        db_default=models.Value(
                            [], django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "kept_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        db_comment="Rows that stay and belong to the evidence.",
                        db_default=models.Value(
                            [], django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "member_id",
                    models.UUIDField(blank=True, db_comment="The row of org_members that would go.", null=True),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[("open", "open"), ("accepted", "accepted"), ("closed", "closed")],
                        db_default="open",
                        default="open",
                    ),
                ),
                ("first_seen", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_seen", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("accept_reason", models.TextField(blank=True, db_default="", default="")),
                (
                    "accepted_by",
                    models.TextField(blank=True, db_comment="An actor, as in the log.", db_default="", default=""),
                ),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accepted_until",
                    models.DateTimeField(blank=True, db_comment="Then it comes back, if it is still so.", null=True),
                ),
                (
                    "accepted_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        db_comment="The rows accepted: one more, and it is back.",
                        db_default=models.Value(
                            [], django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "finding",
                "db_table": "access_findings",
                "db_table_comment": "Access rows and memberships that look wrong, as the detectors of the access review see it.",
                "ordering": ["-org_id", "-id"],
                "default_permissions": ("view", "change"),
                "indexes": [
                    models.Index(fields=["user", "org"], name="idx_access_findings_user"),
                    models.Index(fields=["org", "email_lower"], name="idx_access_findings_email"),
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["org", "id"], name="idx_access_findings_open"
                    ),
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["detector", "org", "id"],
                        name="idx_access_findings_detector",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("org", "detector", "key"), name="access_findings_key"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "accepted", "closed"])), name="access_findings_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "accepted"), _negated=True),
                            models.Q(("accepted_until__isnull", False), models.Q(("accept_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="access_findings_accepted",
                        violation_error_message="Whoever accepts a finding says why, and until when.",
                    ),
                    tenants.constraints.OrgGuard(
                        access="findings", audited=False, name="access_findings_guard", version="fb454998c224"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="cleaningbatch",
            index=models.Index(fields=["batch_id"], name="idx_cleaning_batches_batch"),
        ),
        migrations.AddConstraint(
            model_name="cleaningbatch",
            constraint=models.UniqueConstraint(fields=("org", "batch_id"), name="cleaning_batches_part"),
        ),
        migrations.AddConstraint(
            model_name="cleaningbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["preview", "applied", "undone"])), name="cleaning_batches_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="cleaningbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "preview"), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="cleaning_batches_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="cleaningbatch",
            constraint=tenants.constraints.OrgGuard(
                access="cleanings", name="cleaning_batches_guard", version="2df103a9eb08"
            ),
        ),
        migrations.AddIndex(
            model_name="cleaningrow",
            index=models.Index(fields=["org", "batch"], name="cleaning_rows_batch_id_pair"),
        ),
        migrations.AddConstraint(
            model_name="cleaningrow",
            constraint=models.UniqueConstraint(
                fields=("org", "batch", "table_name", "row_id"), name="cleaning_rows_row"
            ),
        ),
        migrations.AddConstraint(
            model_name="cleaningrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        [
                            "planned",
                            "kept",
                            "removed",
                            "changed",
                            "gone",
                            "restored",
                            "granter_gone",
                            "person_gone",
                            "dso_gone",
                            "workspace_gone",
                            "membership_gone",
                            "there_again",
                        ],
                    )
                ),
                name="cleaning_rows_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="cleaningrow",
            constraint=tenants.constraints.OrgGuard(
                access="cleanings", audited=False, name="cleaning_rows_guard", version="107674e3ff0f"
            ),
        ),
        migrations.AddConstraint(
            model_name="cleaningrow",
            constraint=tenants.constraints.CompositeForeignKey(
                columns=("org_id", "batch_id"),
                name="fk_cleaning_rows_batch_id",
                on_delete="CASCADE",
                to="accounts.cleaningbatch",
                to_columns=("org_id", "id"),
            ),
        ),
    ]
