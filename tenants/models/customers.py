"""Customers of an organization."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from tenants.models.soft_delete import SoftDeleteModel


class CustomerStatus(models.TextChoices):
    """Where a customer stands."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    CHURNED = "churned"


class Customer(SoftDeleteModel):
    """Somebody who buys from an organization."""

    name = models.TextField()
    name_lower = models.GeneratedField(
        expression=Lower("name"),
        output_field=models.TextField(),
        db_persist=True,
        db_comment="For searching: lower(name) itself would lose its index under row-level security.",
    )
    email = models.EmailField(max_length=254, blank=True, default="", db_default="")
    email_lower = models.GeneratedField(
        expression=Lower("email"), output_field=models.TextField(), db_persist=True, db_comment="For searching."
    )
    company = models.TextField(blank=True, default="", db_default="")
    industry = models.TextField(blank=True, default="", db_default="")
    total_revenue = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        default=0,
        db_default=0,
        editable=False,
        db_comment="The sum of this customer's revenue, kept by trigger.",
    )
    last_purchase_date = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment="The latest date of this customer's revenue, kept by trigger."
    )
    status = models.TextField(choices=CustomerStatus, default=CustomerStatus.ACTIVE, db_default=CustomerStatus.ACTIVE)

    class Meta:
        db_table = "customers"
        db_table_comment = "Who buys from an organization; deleted softly."
        ordering: ClassVar = ["-org_id", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(status__in=CustomerStatus.values), name="customers_status"),
            models.CheckConstraint(condition=~models.Q(name=""), name="customers_name_given"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["org", "status"], name="idx_customers_status", condition=models.Q(deleted_at__isnull=True)
            ),
            models.Index(fields=["org", "name_lower"], name="idx_customers_name"),
            models.Index(fields=["org", "email_lower"], name="idx_customers_email"),
            models.Index(
                fields=["org", "deletion_id"],
                name="idx_customers_deletion",
                condition=models.Q(deletion_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
