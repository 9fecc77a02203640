-- Keeps a tombstone for each organization whose log was erased: where its chain ended, so that a head copied outside is answered.
-- object: table private.audit_erased
create table if not exists private.audit_erased (
    org_id uuid not null,
    erased_at timestamptz not null default clock_timestamp(),
    log_rows bigint not null default 0,
    last_position bigint not null default 0,
    last_hash bytea,
    primary key (org_id, erased_at)
);
revoke all on private.audit_erased from public;
alter table private.audit_erased enable row level security;
alter table private.audit_erased force row level security;
drop policy if exists tenantry_owner_select on private.audit_erased;
create policy tenantry_owner_select on private.audit_erased for select to tenantry_owner using (true);
drop policy if exists tenantry_owner_insert on private.audit_erased;
create policy tenantry_owner_insert on private.audit_erased for insert to tenantry_owner with check (true);
create or replace trigger refuse_change before update or delete or truncate on private.audit_erased
    for each statement execute function {schema}.refuse_log_change();
comment on table private.audit_erased is
    'Organizations that were erased, and where their logs ended. Writing a row here is what erases a log. Append only.';
