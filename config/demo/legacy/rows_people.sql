-- People, and one row each for those tables that have one per person; {schema}.users are the people of the demo.
-- Addresses were typed by hand in the old application: some in capitals.
insert into legacy.users (email, full_name, created_at)
select case when row_number() over (order by u.email) % 7 = 0 then upper(u.email) else u.email end,
    p.full_name, u.created_at
from {schema}.users u join {schema}.user_profiles p on p.user_id = u.id
where not u.is_staff
    and (select count(*) from {schema}.org_members m join {schema}.organizations o on o.id = m.org_id
         where m.user_id = u.id and m.state = 'active' and o.status = 'active') = 1
order by u.created_at, u.email;
-- Nobody told the new application about these three.
insert into legacy.users (email, full_name, created_at) values
    ('ines.duarte@demo.test', 'Inês Duarte', '2025-03-04 09:12+00'),
    ('tomasz.wrona@demo.test', 'Tomasz Wrona', '2025-06-18 14:40+00'),
    ('mei.tanaka@demo.test', 'Mei Tanaka', '2025-09-30 07:05+00');

insert into legacy.voice_options values
    ('aria', 'en', 'female'), ('brook', 'en', 'male'), ('carmen', 'es', 'female'), ('dieter', 'de', 'male');
insert into legacy.campaign_templates (name, script) values
    ('Welcome call', 'Hello {name}, welcome.'), ('Renewal', 'Your contract ends on {date}.'), ('Survey', 'One question, {name}.');
insert into legacy.billing_plans values ('free', 0), ('team', 49), ('scale', 249);
insert into legacy.pricing_tiers values
    ('free', 0, 0.0900), ('team', 0, 0.0600), ('team', 1000, 0.0450), ('scale', 0, 0.0400), ('scale', 5000, 0.0250);

insert into legacy.profiles (user_id, tenant_id, job_title, phone)
select id, 't' || id, (array['Sales', 'Support', 'Owner', 'Operations'])[1 + id % 4], '+1555' || (1000000 + id) from legacy.users;
insert into legacy.user_profiles (user_id, locale) select id, case when id % 5 = 0 then 'es' else 'en' end from legacy.users;
insert into legacy.user_credits select id, 10 * (id % 40) from legacy.users;
insert into legacy.customers (user_id, payment_reference) select id, 'cus_' || substr(md5(id::text), 1, 14) from legacy.users;
insert into legacy.user_subscriptions (user_id, plan_code) select id, (array['free', 'team', 'scale'])[1 + id % 3] from legacy.users;
