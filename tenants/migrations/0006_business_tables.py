"""Customers, revenue, activities and AI usage; stores become softly deleted."""

from decimal import Decimal

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import postgres.keys
import tenants.constraints
import tenants.fields


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0005_soft_delete_functions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Activity",
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
                    "type",
                    models.TextField(
                        choices=[
                            ("signup", "Signup"),
                            ("purchase", "Purchase"),
                            ("churn", "Churn"),
                            ("login", "Login"),
                            ("export", "Export"),
                        ]
                    ),
                ),
                (
                    "metadata",
                    models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
                ),
            ],
            options={
                "verbose_name_plural": "activities",
                "db_table": "activities",
                "db_table_comment": "Events around customers.",
                "ordering": ["-org_id", "-id"],
            },
        ),
        migrations.CreateModel(
            name="AiUsage",
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
                ("query_id", models.UUIDField(db_comment="The query, once: a repeated report of it is refused.")),
                ("input_tokens", models.PositiveIntegerField(db_default=0, default=0)),
                ("output_tokens", models.PositiveIntegerField(db_default=0, default=0)),
                ("cost_usd", models.DecimalField(db_default=0, decimal_places=4, default=0, max_digits=10)),
                ("model", models.TextField()),
                ("date", models.DateField()),
            ],
            options={
                "verbose_name": "AI query",
                "verbose_name_plural": "AI usage",
                "db_table": "ai_usage_log",
                "db_table_comment": "AI queries and their cost, one row each.",
                "ordering": ["-org_id", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Customer",
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
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "deletion_id",
                    models.UUIDField(
                        blank=True,
                        db_comment="Shared by the rows that went together and come back together.",
                        editable=False,
                        null=True,
                    ),
                ),
                ("name", models.TextField()),
                (
                    "name_lower",
                    models.GeneratedField(
                        db_comment="For searching: lower(name) itself would lose its index under row-level security.",
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("name"),
                        output_field=models.TextField(),
                    ),
                ),
                ("email", models.EmailField(blank=True, db_default="", default="", max_length=254)),
                (
                    "email_lower",
                    models.GeneratedField(
                        db_comment="For searching.",
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("email"),
                        output_field=models.TextField(),
                    ),
                ),
                ("company", models.TextField(blank=True, db_default="", default="")),
                ("industry", models.TextField(blank=True, db_default="", default="")),
                (
                    "total_revenue",
                    models.DecimalField(
                        db_comment="The sum of this customer's revenue, kept by trigger.",
                        db_default=0,
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=12,
                    ),
                ),
                (
                    "last_purchase_date",
                    models.DateTimeField(
                        blank=True,
                        db_comment="The latest date of this customer's revenue, kept by trigger.",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[("active", "Active"), ("inactive", "Inactive"), ("churned", "Churned")],
                        db_default="active",
                        default="active",
                    ),
                ),
            ],
            options={
                "db_table": "customers",
                "db_table_comment": "Who buys from an organization; deleted softly.",
                "ordering": ["-org_id", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Revenue",
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
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("date", models.DateField()),
                ("category", models.TextField(blank=True, db_default="", default="")),
                ("description", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "verbose_name_plural": "revenue",
                "db_table": "revenue",
                "db_table_comment": "Money that came in, by day; never purged with a customer.",
                "ordering": ["-org_id", "-id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="store",
            name="stores_name",
        ),
        migrations.RemoveConstraint(
            model_name="store",
            name="stores_guard",
        ),
        migrations.AddField(
            model_name="store",
            name="deleted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="store",
            name="deletion_id",
            field=models.UUIDField(
                blank=True,
                db_comment="Shared by the rows that went together and come back together.",
                editable=False,
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=("org", "workspace", "name"),
                name="stores_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=tenants.constraints.OrgGuard(
                access="business", name="stores_guard", soft_delete=True, version="ee0e466bf9b5"
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="org",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        migrations.AddField(
            model_name="aiusage",
            name="org",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        migrations.AddField(
            model_name="aiusage",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="org",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="customer",
            field=tenants.fields.OrgForeignKey(
                blank=True,
                in_database="SET NULL",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="activities",
                to="tenants.customer",
            ),
        ),
        migrations.AddField(
            model_name="revenue",
            name="customer",
            field=tenants.fields.OrgForeignKey(
                blank=True,
                in_database="SET NULL",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="revenue",
                to="tenants.customer",
            ),
        ),
        migrations.AddField(
            model_name="revenue",
            name="org",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        migrations.AddIndex(
            model_name="aiusage",
            index=models.Index(fields=["org", "date", "user"], name="idx_ai_usage_date"),
        ),
        migrations.AddIndex(
            model_name="aiusage",
            index=models.Index(fields=["user"], name="idx_ai_usage_user"),
        ),
        migrations.AddConstraint(
            model_name="aiusage",
            constraint=models.UniqueConstraint(
                fields=("org", "query_id"),
                name="ai_usage_log_query",
                violation_error_message="This query was logged already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="aiusage",
            constraint=models.CheckConstraint(
                condition=models.Q(("cost_usd__range", (0, Decimal("999999.9999")))), name="ai_usage_log_cost"
            ),
        ),
        migrations.AddConstraint(
            model_name="aiusage",
            constraint=tenants.constraints.OrgGuard(access="own", name="ai_usage_log_guard", version="49b46b728ed3"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)), fields=["org", "status"], name="idx_customers_status"
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["org", "name_lower"], name="idx_customers_name"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["org", "email_lower"], name="idx_customers_email"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deletion_id__isnull", False)),
                fields=["org", "deletion_id"],
                name="idx_customers_deletion",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "inactive", "churned"])), name="customers_status"
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="customers_name_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=tenants.constraints.OrgGuard(
                access="business", name="customers_guard", soft_delete=True, version="ee0e466bf9b5"
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["org", "type"], name="idx_activities_type"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=django.contrib.postgres.indexes.GinIndex(fields=["metadata"], name="idx_activities_metadata"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["org", "customer"], name="activities_customer_id_pair"),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["signup", "purchase", "churn", "login", "export"])),
                name="activities_type",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=tenants.constraints.OrgGuard(access="business", name="activities_guard", version="53a0e82e1010"),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=tenants.constraints.CompositeForeignKey(
                columns=("org_id", "customer_id"),
                name="fk_activities_customer_id",
                on_delete="SET NULL",
                to="tenants.customer",
                to_columns=("org_id", "id"),
            ),
        ),
        migrations.AddIndex(
            model_name="revenue",
            index=models.Index(fields=["org", "date"], name="idx_revenue_date"),
        ),
        migrations.AddIndex(
            model_name="revenue",
            index=models.Index(fields=["org", "customer"], name="revenue_customer_id_pair"),
        ),
        migrations.AddConstraint(
            model_name="revenue",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__lte", Decimal("9999999999.99"))), name="revenue_amount_is_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="revenue",
            constraint=tenants.constraints.OrgGuard(access="business", name="revenue_guard", version="53a0e82e1010"),
        ),
        migrations.AddConstraint(
            model_name="revenue",
            constraint=tenants.constraints.CompositeForeignKey(
                columns=("org_id", "customer_id"),
                name="fk_revenue_customer_id",
                on_delete="SET NULL",
                to="tenants.customer",
                to_columns=("org_id", "id"),
            ),
        ),
    ]
