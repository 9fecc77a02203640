-- both: an org_id in every row
select name, 'its org_id may be empty', 'manage.py backfill_org_ids says what its conversion lacks' from pg_temp.scale_tables where not has_org
