"""What conversions keep of themselves: tables, shares, workers, changes, quarantined rows."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import postgres.keys
import tenants.constraints
import tenants.models.conversion_changes


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0023_applied_migrations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversion",
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
                    postgres.keys.IdField(
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveIntegerField(db_comment="What people call it by: --run 7.", unique=True)),
                (
                    "schemas",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), db_comment="The schemas that its plan covers.", size=None
                    ),
                ),
                ("plan", models.TextField(db_comment="The plan file as it was last run, to the letter.")),
                ("fingerprint", models.TextField(blank=True, db_comment="Of the schema as discover saw it.")),
                (
                    "people_type",
                    models.TextField(blank=True, db_comment="SQL type of a person's key in the old database."),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[("open", "Open"), ("released", "Released"), ("undone", "Undone")],
                        db_default="open",
                        default="open",
                    ),
                ),
                ("pause_reason", models.TextField(blank=True, db_default="", default="")),
                (
                    "paused_by",
                    models.TextField(blank=True, db_comment="An actor, as in the log.", db_default="", default=""),
                ),
                (
                    "paused_at",
                    models.DateTimeField(blank=True, db_comment="Set: workers end after their batch.", null=True),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "conversions",
                "db_table_comment": "Conversions of tables from persons to organizations, newest last.",
                "ordering": ["-number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "released", "undone"])), name="conversions_state"
                    ),
                    tenants.constraints.OperationsGuard(
                        access="conversions", name="conversions_guard", version="0239cecc757f"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConversionTable",
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
                    postgres.keys.IdField(
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.TextField(db_comment="schema.table, quoted where SQL wants it.")),
                ("oid", models.BigIntegerField(db_comment="Of the table: a renamed table stays the same one.")),
                ("position", models.PositiveIntegerField(db_comment="Parents before children.")),
                ("decisions", models.JSONField(db_comment="Its section of the plan, defaults filled in.")),
                (
                    "phase",
                    models.TextField(
                        choices=[
                            ("start", "Start"),
                            ("column", "Column"),
                            ("fill", "Fill"),
                            ("constrain", "Constrain"),
                            ("guard", "Guard"),
                            ("cutover", "Cutover"),
                            ("release", "Release"),
                        ],
                        db_default="start",
                        default="start",
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("working", "Working"),
                            ("held", "Held"),
                            ("parked", "Parked"),
                            ("done", "Done"),
                        ],
                        db_default="waiting",
                        default="waiting",
                    ),
                ),
                (
                    "reason",
                    models.TextField(blank=True, db_comment="Why it is held or parked.", db_default="", default=""),
                ),
                (
                    "strategy",
                    models.TextField(blank=True, db_comment="How its rows are filled.", db_default="", default=""),
                ),
                ("strategy_reason", models.TextField(blank=True, db_default="", default="")),
                (
                    "bound",
                    models.JSONField(
                        blank=True, db_comment="Where the fill ends: rows beyond are the trigger's.", null=True
                    ),
                ),
                (
                    "guarded",
                    models.JSONField(blank=True, db_comment="What its guard left standing, for the doctor.", null=True),
                ),
                ("rows_estimate", models.BigIntegerField(db_default=0, default=0)),
                ("rows_passed", models.BigIntegerField(db_default=0, default=0)),
                ("rows_changed", models.BigIntegerField(db_default=0, default=0)),
                ("fill_started_at", models.DateTimeField(blank=True, null=True)),
                ("fill_finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tables", to="tenants.conversion"
                    ),
                ),
            ],
            options={
                "db_table": "conversion_tables",
                "db_table_comment": "The tables of each conversion, with their progress.",
                "ordering": ["conversion", "position"],
            },
        ),
        migrations.CreateModel(
            name="ConversionShare",
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
                    postgres.keys.IdField(
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "bounds",
                    models.JSONField(
                        db_comment="From where (exclusive) to where (inclusive), in its strategy's words."
                    ),
                ),
                ("cursor", models.JSONField(blank=True, db_comment="Where the last committed batch ended.", null=True)),
                (
                    "state",
                    models.TextField(
                        choices=[("open", "Open"), ("taken", "Taken"), ("done", "Done"), ("parked", "Parked")],
                        db_default="open",
                        default="open",
                    ),
                ),
                (
                    "worker",
                    models.TextField(blank=True, db_comment="host:pid of who has it.", db_default="", default=""),
                ),
                (
                    "token",
                    models.UUIDField(
                        blank=True, db_comment="Of the lease: who lost it can no longer write.", null=True
                    ),
                ),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("batch_size", models.PositiveIntegerField(db_default=0, default=0)),
                ("rows_passed", models.BigIntegerField(db_default=0, default=0)),
                ("rows_changed", models.BigIntegerField(db_default=0, default=0)),
                ("reason", models.TextField(blank=True, db_comment="Why it is parked.", db_default="", default="")),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="tenants.conversiontable"
                    ),
                ),
            ],
            options={
                "db_table": "conversion_shares",
                "db_table_comment": "Ranges of rows that workers share.",
                "ordering": ["table", "number"],
            },
        ),
        migrations.CreateModel(
            name="ConversionChange",
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
                    postgres.keys.IdField(
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "phase",
                    models.TextField(
                        choices=[
                            ("start", "Start"),
                            ("column", "Column"),
                            ("fill", "Fill"),
                            ("constrain", "Constrain"),
                            ("guard", "Guard"),
                            ("cutover", "Cutover"),
                            ("release", "Release"),
                        ]
                    ),
                ),
                (
                    "kind",
                    models.TextField(db_comment="What was changed: column, trigger_gated, settings, policy_dropped …"),
                ),
                ("name", models.TextField(db_comment="The object's name.")),
                ("undo", models.TextField(db_comment="SQL, safe to run twice; empty where there is nothing to undo.")),
                (
                    "alone",
                    models.BooleanField(
                        db_comment="Its undo runs outside a transaction: DROP INDEX CONCURRENTLY.",
                        db_default=False,
                        default=False,
                    ),
                ),
                (
                    "temporary",
                    models.BooleanField(
                        db_comment="Undone when its phase ends, and after a crash.", db_default=False, default=False
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        db_comment="Undos run backwards in this order.",
                        db_default=tenants.models.conversion_changes.WallClock(),
                        editable=False,
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="tenants.conversion"
                    ),
                ),
                (
                    "table",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="tenants.conversiontable",
                    ),
                ),
            ],
            options={
                "db_table": "conversion_changes",
                "db_table_comment": "What conversions changed, and how each change is undone.",
                "ordering": ["conversion", "made_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ConversionWorker",
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
                    postgres.keys.IdField(
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.TextField(db_comment="host:pid")),
                ("task", models.TextField(blank=True, db_comment="What it does right now.", db_default="", default="")),
                (
                    "held_because",
                    models.TextField(blank=True, db_comment="Why it waits, and until when.", db_default="", default=""),
                ),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="workers", to="tenants.conversion"
                    ),
                ),
            ],
            options={
                "db_table": "conversion_workers",
                "db_table_comment": "Processes that work, or worked, on a conversion.",
                "ordering": ["conversion", "id"],
            },
        ),
        migrations.CreateModel(
            name="QuarantinedRow",
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
                    postgres.keys.IdField(
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "row_key",
                    models.JSONField(db_comment="Key columns and values as text; the ctid where there is no key."),
                ),
                (
                    "reason",
                    models.TextField(
                        choices=[
                            ("no_person", "its person column is null"),
                            ("unknown_person", "its person is not known here"),
                            ("no_org", "its person is in no organization"),
                            ("many_orgs", "its person is in several organizations"),
                            ("no_parent", "its parent is null or missing"),
                            ("parent_without_org", "its parent has no organization"),
                        ]
                    ),
                ),
                (
                    "candidates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        db_default=models.Value(
                            [], django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "decided_by",
                    models.TextField(blank=True, db_comment="An actor, as in the log.", db_default="", default=""),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "applied_at",
                    models.DateTimeField(blank=True, db_comment="When the row got its organization.", null=True),
                ),
                (
                    "decided_org",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quarantined",
                        to="tenants.conversiontable",
                    ),
                ),
            ],
            options={
                "db_table": "conversion_quarantine",
                "db_table_comment": "Rows of conversions that wait for a person to name their organization.",
                "ordering": ["table", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="conversiontable",
            constraint=models.UniqueConstraint(fields=("conversion", "name"), name="conversion_tables_name"),
        ),
        migrations.AddConstraint(
            model_name="conversiontable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("phase__in", ["start", "column", "fill", "constrain", "guard", "cutover", "release"])
                ),
                name="conversion_tables_phase",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversiontable",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "working", "held", "parked", "done"])),
                name="conversion_tables_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversiontable",
            constraint=tenants.constraints.OperationsGuard(
                access="conversion_progress", audited=False, name="conversion_tables_guard", version="f6b2529931b8"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversionshare",
            constraint=models.UniqueConstraint(fields=("table", "number"), name="conversion_shares_number"),
        ),
        migrations.AddConstraint(
            model_name="conversionshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "taken", "done", "parked"])), name="conversion_shares_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversionshare",
            constraint=tenants.constraints.OperationsGuard(
                access="conversion_progress", audited=False, name="conversion_shares_guard", version="f6b2529931b8"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversionchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("conversion", "table", "phase", "kind", "name"),
                name="conversion_changes_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="conversionchange",
            constraint=tenants.constraints.OperationsGuard(
                access="conversion_progress", audited=False, name="conversion_changes_guard", version="f6b2529931b8"
            ),
        ),
        migrations.AddIndex(
            model_name="conversionworker",
            index=models.Index(fields=["conversion", "seen_at"], name="idx_conversion_workers_seen"),
        ),
        migrations.AddConstraint(
            model_name="conversionworker",
            constraint=tenants.constraints.OperationsGuard(
                access="conversion_progress", audited=False, name="conversion_workers_guard", version="f6b2529931b8"
            ),
        ),
        migrations.AddConstraint(
            model_name="quarantinedrow",
            constraint=models.UniqueConstraint(fields=("table", "row_key"), name="conversion_quarantine_row"),
        ),
        migrations.AddConstraint(
            model_name="quarantinedrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        ["no_person", "unknown_person", "no_org", "many_orgs", "no_parent", "parent_without_org"],
                    )
                ),
                name="conversion_quarantine_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="quarantinedrow",
            constraint=tenants.constraints.OperationsGuard(
                access="conversion_decisions", name="conversion_quarantine_guard", version="2e5f85e15d34"
            ),
        ),
    ]
