"""The sealed chain: its tables, and the functions that write and read it."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_log_partitions")]

    operations = [
        InstallSql(
            "audit",
            [
                "audit_seals",
                "audit_retired",
                "audit_heads",
                "audit_seal_cursor",
                "log_digests",
                "chain_links",
                "link_hash",
                "cluster_id",
                "open_seal_cursor",
                "save_head",
                "seal_rows",
                "seal_strangers",
                "seal_batch",
                "retire_seals",
            ],
        ),
    ]
