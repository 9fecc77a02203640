-- Counts attempts per account and per address, for every process alike; buckets are hashes and name nobody.
-- object: table private.attempts
create table if not exists private.attempts (
    bucket text primary key,
    count integer not null,
    ends_at timestamptz not null
);
alter table private.attempts owner to tenantry_owner;
alter table private.attempts enable row level security;
alter table private.attempts force row level security;
drop policy if exists tenantry_owner_all on private.attempts;
create policy tenantry_owner_all on private.attempts to tenantry_owner using (true) with check (true);
revoke all on private.attempts from public;
comment on table private.attempts is
    'How often something was tried within a window of time; `maintain` removes windows that have ended.';
