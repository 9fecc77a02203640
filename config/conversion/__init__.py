"""What `manage.py backfill_org_ids` says and asks: the engine in tenants/backfill decides, this prints."""
