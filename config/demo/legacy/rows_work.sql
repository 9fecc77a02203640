-- Rows of a year's work. A child belongs to the person of its parent; numbers come from md5, the same every time.
insert into legacy.agents (owner_id, name, voice_id)
select u.id, (array['Nova', 'Milo', 'Vera', 'Otto'])[1 + (u.id + n) % 4] || ' ' || u.id || '-' || n,
    (array['aria', 'brook', 'carmen', 'dieter'])[1 + (u.id * 3 + n) % 4]
from legacy.users u, generate_series(1, 2) n;
insert into legacy.agent_configurations (user_id, agent_id, settings)
select owner_id, id, jsonb_build_object('speed', 1, 'voice', voice_id) from legacy.agents;
insert into legacy.phone_assistants (user_id, agent_id, greeting)
select owner_id, id, 'Good day, this is ' || name from legacy.agents where name like 'Nova%';
insert into legacy.calls (user_id, agent_id, direction, phone, started_at, seconds)
select a.owner_id, a.id, case when h % 3 = 0 then 'in' else 'out' end, '+1555' || (2000000 + h % 900000),
    timestamptz '2025-12-01' + h % 330 * interval '1 day' + h % 600 * interval '1 minute', h % 900
from legacy.agents a, generate_series(1, 24) n, lateral (select ('x' || substr(md5(a.name || n), 1, 6))::bit(24)::int) r (h)
order by 5;
insert into legacy.call_logs (user_id, call_id, level, message, created_at)
select user_id, id, case when id % 19 = 0 then 'warn' else 'info' end, message, started_at
from legacy.calls, unnest(array['dialled', 'answered', 'ended']) message;
-- The application forgot who these were about.
insert into legacy.call_logs (level, message, created_at)
select 'error', 'worker restarted', timestamptz '2026-02-01' + n * interval '9 days' from generate_series(1, 12) n;
insert into legacy.call_tracking select id, (array['web', 'ads', 'referral'])[1 + id % 3], id % 11 = 0 from legacy.calls;
insert into legacy.recording_upload_queue (call_id, state, attempts)
select id, case when id % 40 = 0 then 'failed' else 'done' end, 1 + id % 3 from legacy.calls where id % 2 = 0;
insert into legacy.hallucination_flags (call_id, excerpt) select id, 'promised a refund' from legacy.calls where id % 97 = 0;
insert into legacy.sentiment_analysis (user_id, call_id, score)
select user_id, id, (id % 200 - 100) / 100.0 from legacy.calls where id % 4 = 0;
insert into legacy.user_active_calls select max(id), user_id from legacy.calls group by user_id;

insert into legacy.user_phone_numbers (user_id, number)
select id, '+1555' || (3000000 + id * 10 + n) from legacy.users, generate_series(1, 2) n;
insert into legacy.campaigns (user_id, template_id, name, status)
select u.id, 1 + (u.id + n) % 3, 'Campaign ' || u.id || '-' || n, (array['draft', 'running', 'done'])[1 + (u.id + n) % 3]
from legacy.users u, generate_series(1, 3) n;
insert into legacy.campaign_phone_numbers
select c.id, p.id, c.user_id from legacy.campaigns c join legacy.user_phone_numbers p using (user_id);
insert into legacy.campaign_metrics
select id, date '2026-01-05' + n * 7, 40 + (id * n) % 60, 10 + (id * n) % 30 from legacy.campaigns, generate_series(0, 11) n;
insert into legacy.call_lists (user_id, campaign_id, name) select user_id, id, 'List of ' || name from legacy.campaigns;
insert into legacy.contacts (user_id, call_list_id, name, phone)
select l.user_id, l.id, 'Contact ' || l.id || '-' || n, '+1555' || (4000000 + l.id * 100 + n)
from legacy.call_lists l, generate_series(1, 15) n;
insert into legacy.leads (user_id, contact_id, stage, value)
select user_id, id, (array['new', 'open', 'won', 'closed'])[1 + id % 4], 50 * (id % 80) from legacy.contacts where id % 3 = 0;
insert into legacy.cold_call_logs (user_id, phone, outcome, called_at)
select user_id, phone, (array['no answer', 'later', 'yes', 'no'])[1 + id % 4], timestamptz '2026-03-01' + id * interval '7 minutes'
from legacy.contacts where id % 2 = 0;
insert into legacy.daily_lead_uploads
select id, date '2026-04-01' + n, 5 + (id * n) % 20 from legacy.users, generate_series(1, 5) n;
insert into legacy.imports (user_id, file_name, state)
select id, 'contacts-' || n || '.csv', case when n = 3 then 'failed' else 'done' end from legacy.users, generate_series(1, 3) n;
insert into legacy.outreach_templates (user_id, name, body) select id, 'First mail', 'Hello {name}' from legacy.users;
insert into legacy.dnc_list (user_id, phone) select user_id, phone from legacy.contacts where id % 50 = 0;
insert into legacy.phone_blacklist select user_id, phone, 'asked twice' from legacy.contacts where id % 70 = 0;
