-- Keeps the sealed chain: one link per row of the log, numbered within its organization (nil: rows of no organization).
-- object: table private.audit_seals
create table if not exists private.audit_seals (
    org_id uuid not null,
    position bigint not null check (position > 0),
    created_at timestamptz not null,
    log_id uuid not null,
    digest bytea not null,
    hash bytea not null,
    sealed_at timestamptz not null default clock_timestamp(),
    primary key (org_id, position),
    unique (org_id, created_at, log_id)
);
revoke all on private.audit_seals from public;
alter table private.audit_seals enable row level security;
alter table private.audit_seals force row level security;
drop policy if exists tenantry_owner_select on private.audit_seals;
create policy tenantry_owner_select on private.audit_seals for select to tenantry_owner using (true);
drop policy if exists tenantry_owner_insert on private.audit_seals;
create policy tenantry_owner_insert on private.audit_seals for insert to tenantry_owner with check (true);
create or replace trigger refuse_change before update or delete or truncate on private.audit_seals
    for each statement execute function {schema}.refuse_log_change();
comment on table private.audit_seals is
    'The sealed log: hash is over the hash before it, the position, the row''s key and digest, and the time of sealing. Append only.';
comment on column private.audit_seals.digest is 'SHA-256 of the row without its key, as private.log_digests computes it.';
