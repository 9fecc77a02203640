"""Money that came in."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from tenants.fields import OrgForeignKey
from tenants.models.base import OrgModel
from tenants.models.customers import Customer


class Revenue(OrgModel):
    """One amount on one day; stays when its customer goes."""

    customer = OrgForeignKey(
        Customer, models.DO_NOTHING, in_database="SET NULL", null=True, blank=True, related_name="revenue"
    )
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    date = models.DateField()
    category = models.TextField(blank=True, default="", db_default="")
    description = models.TextField(blank=True, default="", db_default="")

    class Meta:
        db_table = "revenue"
        db_table_comment = "Money that came in, by day; never purged with a customer."
        ordering: ClassVar = ["-org_id", "-id"]
        verbose_name_plural = "revenue"
        constraints: ClassVar = [
            # PostgreSQL sorts NaN above every number.
            models.CheckConstraint(
                condition=models.Q(amount__lte=Decimal("9999999999.99")), name="revenue_amount_is_a_number"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["org", "date"], name="idx_revenue_date")]

    def __str__(self) -> str:
        return f"{self.amount} on {self.date}"
