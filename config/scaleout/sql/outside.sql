-- both: no table without organizations that points to an org table: it would stay behind
select k.conrelid::regclass::text || ' key ' || quote_ident(k.conname), 'a table without org_id points to ' || r.name,
    'give the table an org_id'
from pg_catalog.pg_constraint k join pg_temp.scale_tables r on r.oid = k.confrelid
where k.contype = 'f' and k.conparentid = 0 and not exists (select from pg_temp.scale_tables t where t.oid = k.conrelid)
