-- Rows for the bench of the console's lists: 200 organizations, the first with half of everything. {rows} is a number.
-- Run by a session that fires no triggers: what they keep is written here.
create temp table o as
select g as n, new_id() as id from generate_series(1, 200) g;
insert into organizations (id, slug, name)
select id, 'scale-' || n, 'Scale ' || n from o;

create temp table u as
select g as n, new_id() as id, case when g % 2 = 0 then 1 else 1 + g % 200 end as org_n
from generate_series(1, greatest({rows} / 50, 200)) g;
insert into users (id, email) select id, 'person' || n || '@scale.test' from u;
insert into user_profiles (user_id, email, full_name) select id, 'person' || n || '@scale.test', 'Person ' || n from u;
insert into user_preferences (user_id) select id from u;
insert into org_members (id, org_id, user_id, role, joined_at)
select new_id(), o.id, u.id, case when u.n <= 400 then 'owner' else 'member' end, now() from u join o on o.n = u.org_n;
insert into workspaces (id, org_id, name) select new_id(), id, 'North' from o;
insert into stores (id, org_id, workspace_id, name)
select new_id(), w.org_id, w.id, 'Store ' || g from workspaces w, generate_series(1, 5) g where w.name = 'North';
insert into invitations (id, org_id, email, token_hash, sent_at, expires_at)
select new_id(), o.id, 'guest' || g || '@scale.test', 'hash' || g, now(), now() + interval '7 days'
from generate_series(1, greatest({rows} / 50, 200)) g join o on o.n = case when g % 2 = 0 then 1 else 1 + g % 200 end;

create temp table spread as
select g as n, o.id as org_id
from generate_series(1, {rows}) g join o on o.n = case when g % 2 = 0 then 1 else 1 + g % 200 end;
create temp table c as select n, org_id, new_id() as id from spread;
insert into customers (id, org_id, name, email, company, industry, status, total_revenue, deleted_at)
select id, org_id, 'Customer ' || n, 'customer' || n || '@scale.test', 'Company ' || n % 1000,
    (array['retail', 'food', 'health', 'travel'])[1 + n % 4], (array['active', 'inactive', 'churned'])[1 + n % 3],
    n % 500, case when n % 50 = 7 then now() end
from c;
insert into revenue (id, org_id, customer_id, amount, date, category, description)
select new_id(), org_id, id, n % 500 + 0.25, date '2025-01-01' + n % 600,
    (array['subscription', 'service', 'goods'])[1 + n % 3], 'Invoice ' || n
from c;
insert into activities (id, org_id, customer_id, type, metadata)
select new_id(), org_id, id, (array['signup', 'purchase', 'churn', 'login', 'export'])[1 + n % 5],
    jsonb_build_object('n', n, 'page', 'p' || n % 9)
from c;
create temp table p as
select org_n, array_agg(id) as ids from u group by org_n;
insert into ai_usage_log (id, org_id, user_id, query_id, model, date, input_tokens, output_tokens, cost_usd)
select new_id(), s.org_id, p.ids[1 + s.n % cardinality(p.ids)], gen_random_uuid(), (array['small', 'large'])[1 + s.n % 2],
    date '2025-01-01' + s.n % 600, s.n % 5000, s.n % 900, s.n % 100 / 1000.0
from spread s join o on o.id = s.org_id join p on p.org_n = o.n;

create temp table d as
select g as n, o.id as org_id, o.n as org_n, new_id() as id
from generate_series(1, greatest({rows} / 100, 400)) g
join o on o.n = case when g % 2 = 0 then 1 else 1 + g % 200 end;
insert into dsos (id, org_id, name, name_lower) select id, org_id, 'DSO ' || n, 'dso ' || n from d;
create temp table ds as select org_id, org_n, array_agg(id) as ids from d group by org_id, org_n;
insert into doctors (id, org_id, dso_id, name, name_lower)
select new_id(), s.org_id, ds.ids[1 + s.n % cardinality(ds.ids)], 'Doctor ' || s.n, 'doctor ' || s.n
from spread s join ds using (org_id);
insert into user_dso_access (id, org_id, user_id, dso_id, granted_by, granted_at, expires_at)
select new_id(), s.org_id, p.ids[1 + s.n % cardinality(p.ids)], ds.ids[1 + s.n / 7 % cardinality(ds.ids)], p.ids[1],
    now() - s.n % 700 * interval '1 day', case when s.n % 3 = 0 then now() + s.n % 90 * interval '1 day' end
from spread s join ds using (org_id) join p using (org_n);

insert into audit_logs (id, org_id, created_at, user_id, actor, surface, action, table_name, record_id, new_data)
select (lpad(to_hex(floor(extract(epoch from t) * 1000)::bigint), 12, '0') || substr(replace(new_id()::text, '-', ''), 13))::uuid,
    c.org_id, t, p.ids[1],
    'user:' || p.ids[1], (array['api', 'console', 'database'])[1 + k % 3],
    (array['INSERT', 'UPDATE', 'DELETE', 'UPDATE', 'org.switch'])[k],
    (array['customers', 'revenue', 'activities', 'doctors', 'organizations'])[1 + (c.n + k) % 5], c.id::text,
    jsonb_build_object('name', 'Customer ' || c.n, 'status', 'active')
from c, generate_series(1, 5) k, p,
    lateral (select now() - (c.n * 5 + k) / ({rows} * 5.0) * interval '365 days' as t) made
where p.org_n = 1;
