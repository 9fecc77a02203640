"""Customers' totals follow their revenue."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_business_tables")]

    operations = [
        InstallSql(
            "tenants", ["add_purchase", "take_purchase", "keep_customer_totals", "keep_customer_totals_trigger"]
        ),
    ]
