-- Stands for the links that went with a retired month: a run of positions, and the hash on which the rest of the chain is built.
-- object: table private.audit_retired
create table if not exists private.audit_retired (
    org_id uuid not null,
    last_position bigint not null,
    first_position bigint not null check (first_position > 0),
    last_hash bytea not null,
    month date not null,
    retired_at timestamptz not null default clock_timestamp(),
    primary key (org_id, last_position),
    check (first_position <= last_position)
);
revoke all on private.audit_retired from public;
alter table private.audit_retired enable row level security;
alter table private.audit_retired force row level security;
drop policy if exists tenantry_owner_select on private.audit_retired;
create policy tenantry_owner_select on private.audit_retired for select to tenantry_owner using (true);
drop policy if exists tenantry_owner_insert on private.audit_retired;
create policy tenantry_owner_insert on private.audit_retired for insert to tenantry_owner with check (true);
create or replace trigger refuse_change before update or delete or truncate on private.audit_retired
    for each statement execute function {schema}.refuse_log_change();
comment on table private.audit_retired is 'Runs of sealed rows that retention dropped with their month. Append only.';
