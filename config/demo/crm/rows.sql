-- Its people are those of two organizations and three who are in several; {schema}.users are the people of the demo.
insert into legacy_crm.people (email, full_name)
select u.email, p.full_name
from {schema}.users u join {schema}.user_profiles p on p.user_id = u.id
where (split_part(u.email, '@', 2) in ('allsolutions.test', 'meridian.test') or u.email = 'owner@demo.test')
    and exists (select from {schema}.org_members m join {schema}.organizations o on o.id = m.org_id
        where m.user_id = u.id and m.state = 'active' and o.status = 'active')
order by u.created_at, u.email;

insert into legacy_crm.companies (owner_id, name, city)
select p.id,
    (array['Alder', 'Birch', 'Cedar', 'Elm', 'Hazel', 'Juniper', 'Linden', 'Maple', 'Rowan', 'Willow'])[1 + (p.id * 3 + n) % 10]
        || ' ' || (array['Clinic', 'Foods', 'Logistics', 'Optics', 'Partners', 'Studios', 'Works'])[1 + (p.id + n * 2) % 7],
    (array['Bristol', 'Hartford', 'Leeds', 'New Haven', 'Providence', 'Worcester'])[1 + (p.id * 5 + n) % 6]
from legacy_crm.people p, generate_series(1, 20) n
-- Whoever is in several organizations looks after two: somebody has to say for which of them.
where n <= 2 or (select count(*) from {schema}.users u join {schema}.org_members m on m.user_id = u.id
    join {schema}.organizations o on o.id = m.org_id and o.status <> 'deleting'
    where u.email = p.email and m.state = 'active') = 1;
insert into legacy_crm.contacts (company_id, full_name, email)
select c.id, first_name || ' ' || last_name, lower(first_name) || '.' || lower(last_name) || c.id || '@contact.test'
from legacy_crm.companies c, generate_series(1, 3) n,
    lateral (select (array['Ana', 'Ben', 'Cleo', 'Dev', 'Eva', 'Finn', 'Gia', 'Hugo'])[1 + (c.id + n) % 8],
        (array['Abel', 'Blum', 'Cruz', 'Dahl', 'Egan', 'Faro', 'Gray'])[1 + (c.id * 2 + n) % 7]) s (first_name, last_name);
insert into legacy_crm.deals (company_id, title, amount, stage)
select c.id, (array['Renewal', 'Pilot', 'Rollout', 'Training', 'Support'])[1 + (c.id + n) % 5] || ' ' || (2024 + n % 3),
    500 + (c.id * 137 + n * 911) % 24000, (array['new', 'offer', 'won', 'won', 'lost'])[1 + (c.id * 3 + n) % 5]
from legacy_crm.companies c, generate_series(1, 4) n;
insert into legacy_crm.tasks (assigned_to, subject, due_on, done)
select p.id, (array['Call back', 'Send the offer', 'Book a visit', 'Ask for feedback'])[1 + (p.id + n) % 4],
    date '2026-01-05' + n * 3, n <= 32
from legacy_crm.people p, generate_series(1, 40) n;
-- Estimates of rows, by which progress is measured.
analyze legacy_crm.people, legacy_crm.companies, legacy_crm.contacts, legacy_crm.deals, legacy_crm.tasks;
