-- Remembers for a day what a creating request was answered; the bucket is a hash of actor, organization and key.
-- object: table private.idempotent_requests
create table if not exists private.idempotent_requests (
    bucket text primary key,
    fingerprint text not null,
    answer text not null,
    expires_at timestamptz not null
);
create index if not exists idx_idempotent_requests_expiry on private.idempotent_requests (expires_at);
alter table private.idempotent_requests owner to tenantry_owner;
alter table private.idempotent_requests enable row level security;
alter table private.idempotent_requests force row level security;
drop policy if exists tenantry_owner_all on private.idempotent_requests;
create policy tenantry_owner_all on private.idempotent_requests to tenantry_owner using (true) with check (true);
revoke all on private.idempotent_requests from public;
comment on table private.idempotent_requests is
    'Answers to requests with an Idempotency-Key, encrypted by a key that follows from the client''s; expired ones go with the next.';
