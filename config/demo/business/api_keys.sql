-- Keys of machines, one that works, one that ran out, one that was revoked; nobody has their secrets.
insert into {schema}.api_keys (org_id, name, prefix, secret_hash, role, created_by_id, created_at, updated_at, expires_at, revoked_at, last_used_at)
select m.org_id, k.name, 'tnk_' || left(md5(m.slug || k.name), 6), encode(sha256(uuid_send(gen_random_uuid())), 'hex'), k.role,
    o.created_by_id, m.start, m.start, m.start + k.lasts, m.start + k.revoked, case when k.used then date_trunc('hour', m.stop) end
from demo_markets m join {schema}.organizations o on o.id = m.org_id, (values
    ('Nightly export', 'member', null::interval, null::interval, true),
    ('Old website', 'admin', interval '60 days', null, false),
    ('Left on a laptop', 'admin', null, interval '20 days', false)
) as k (name, role, lasts, revoked, used)
where m.customers >= 18;
