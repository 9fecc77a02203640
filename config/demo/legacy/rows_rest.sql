-- Rows of knowledge, billing and compliance.
insert into legacy.knowledge_base (user_id, title) select id, 'Handbook of ' || full_name from legacy.users;
insert into legacy.knowledge_base_changelog (knowledge_base_id, note, changed_at)
select id, 'Edition ' || n, timestamptz '2026-01-10' + n * interval '40 days' from legacy.knowledge_base, generate_series(1, 4) n;
insert into legacy.knowledge_base_documents (user_id, knowledge_base_id, file_name)
select user_id, id, 'chapter-' || n || '.pdf' from legacy.knowledge_base, generate_series(1, 3) n;
insert into legacy.knowledge_base_chunks
select id, n, 'Paragraph ' || n || ' of ' || file_name from legacy.knowledge_base_documents, generate_series(1, 6) n;
insert into legacy.embeddings (document_id, position, vector)
select document_id, position, array[position, position / 2.0, 1]::real[] from legacy.knowledge_base_chunks;
insert into legacy.kb_sync_log (knowledge_base_id, status, synced_at)
select id, case when n = 2 then 'failed' else 'ok' end, timestamptz '2026-05-01' + n * interval '1 day'
from legacy.knowledge_base, generate_series(1, 5) n;
insert into legacy.integrations (user_id, provider, access_token, settings)
select id, (array['hubspot', 'salesforce', 'pipedrive'])[1 + id % 3], 'demo-' || md5('token' || id), '{"sync": "hourly"}'
from legacy.users where id % 2 = 0;
insert into legacy.user_twilio_subaccounts (user_id, sid) select id, 'AC' || md5('sub' || id) from legacy.users;
insert into legacy.customer_twilio_keys (user_id, label, secret)
select id, 'main', 'demo-' || md5('key' || id) from legacy.users where id % 3 = 0;
insert into legacy.telephony_audit_log (user_id, event, happened_at)
select user_id, 'number bought', timestamptz '2026-01-02' + id * interval '3 hours' from legacy.user_phone_numbers;

insert into legacy.payments (user_id, amount, paid_at)
select id, 49 + (id % 5) * 10, timestamptz '2026-01-01' + n * interval '30 days' from legacy.users, generate_series(0, 8) n;
insert into legacy.payment_events_log (payment_id, event) select id, event from legacy.payments, unnest(array['created', 'paid']) event;
insert into legacy.billing_cycles (user_id, starts_on)
select id, (date '2026-01-01' + n * interval '1 month')::date from legacy.users, generate_series(0, 8) n;
insert into legacy.credit_transactions (user_id, amount) select id, 100 - n * 7 from legacy.users, generate_series(1, 6) n;
insert into legacy.usage_events (user_id, kind, happened_at)
select user_id, 'call', started_at from legacy.calls
union all select id, 'sign-up', created_at from legacy.users;
insert into legacy.usage_records select user_id, started_at::date, 1 + sum(seconds)::int / 60 from legacy.calls group by 1, 2;
insert into legacy.compliance_audit_logs (user_id, entry, happened_at)
select id, 'policy accepted', created_at from legacy.users;
insert into legacy.consent_records (user_id, contact_id, given) select user_id, id, id % 9 <> 0 from legacy.contacts;
insert into legacy.onboarding_events (user_id, step) select id, step from legacy.users, unnest(array['invited', 'signed in', 'first call']) step;
insert into legacy.notification_templates (user_id, name, body) select id, 'Missed call', 'You missed {number}' from legacy.users;
insert into legacy.notification_history (user_id, template_id, sent_at)
select user_id, id, timestamptz '2026-06-01' + n * interval '2 days' from legacy.notification_templates, generate_series(1, 4) n;
insert into legacy.notification_rate_limits select id, channel, id % 4 from legacy.users, unnest(array['mail', 'sms']) channel;
refresh materialized view legacy.calls_per_day;
analyze legacy.users, legacy.calls, legacy.call_logs, legacy.contacts, legacy.leads, legacy.usage_events;
