-- Events: a sign-up each, a purchase for each invoice, logins between, exports by a few, and those who left.
insert into {schema}.activities (org_id, customer_id, type, metadata, created_at, updated_at)
select c.org_id, c.id, 'signup', jsonb_build_object('channel', (array['web', 'referral', 'fair', 'phone'])
    [1 + floor(pg_temp.draw(c.name, 'channel') * 4)::int]), c.created_at, c.created_at
from {schema}.customers c join demo_markets using (org_id)
union all
select r.org_id, r.customer_id, 'purchase', jsonb_build_object('amount', r.amount, 'category', r.category), r.created_at, r.created_at
from {schema}.revenue r join demo_markets using (org_id) where r.amount > 0
union all
select c.org_id, c.id, case when pg_temp.draw(c.name, at::text) > 0.93 then 'export' else 'login' end,
    jsonb_build_object('device', (array['phone', 'laptop', 'tablet'])[1 + floor(pg_temp.draw(c.name, 'device') * 3)::int],
        'minutes', 1 + (pg_temp.draw(c.name, at::text, 'm') * 40)::int), at, at
from {schema}.customers c join demo_markets m using (org_id), lateral generate_series(greatest(c.created_at, m.stop - interval '120 days'),
    m.stop, make_interval(hours => 150 + (pg_temp.draw(c.name, 'often') * 500)::int)) as at where c.status <> 'churned'
union all
select c.org_id, c.id, 'churn', '{"reason": "price"}', c.created_at + interval '91 days', c.created_at + interval '91 days'
from {schema}.customers c join demo_markets m using (org_id)
where c.status = 'churned' and c.created_at + interval '91 days' < m.stop;
