-- both: foreign keys between org tables as pairs (org_id, …): the other row is on the same shard, and goes along
select t.name || ' key ' || quote_ident(k.conname), 'it points to ' || r.name || ' without its organization',
    'make it (org_id, …): manage.py backfill_org_ids does for converted tables'
from pg_catalog.pg_constraint k join pg_temp.scale_tables t on t.oid = k.conrelid join pg_temp.scale_tables r on r.oid = k.confrelid
where k.contype = 'f' and k.conparentid = 0 and not exists (
    select from generate_subscripts(k.conkey, 1) i where k.conkey[i] = t.org_column and k.confkey[i] = r.org_column)
