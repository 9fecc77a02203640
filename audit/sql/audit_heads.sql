-- Remembers where each chain ends: what the next seal is built on, and what is compared with the copy kept outside.
-- object: table private.audit_heads
create table if not exists private.audit_heads (
    org_id uuid primary key,
    position bigint not null check (position > 0),
    hash bytea not null,
    sealed_at timestamptz not null default clock_timestamp()
);
revoke all on private.audit_heads from public;
alter table private.audit_heads enable row level security;
alter table private.audit_heads force row level security;
drop policy if exists tenantry_owner_all on private.audit_heads;
create policy tenantry_owner_all on private.audit_heads to tenantry_owner using (true) with check (true);
comment on table private.audit_heads is 'The last link of each chain; written with it by private.seal_batch().';
