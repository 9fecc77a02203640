-- Remembers how far sealing has come through the log, in the order of transactions; its one row is written with the seals.
-- object: table private.audit_seal_cursor
create table if not exists private.audit_seal_cursor (
    only_row boolean primary key default true check (only_row),
    cluster text not null,
    transaction_id bigint not null default 0,
    created_at timestamptz not null default '-infinity',
    log_id uuid not null default '00000000-0000-0000-0000-000000000000',
    strangers_sealed boolean not null default true
);
revoke all on private.audit_seal_cursor from public;
alter table private.audit_seal_cursor enable row level security;
alter table private.audit_seal_cursor force row level security;
drop policy if exists tenantry_owner_all on private.audit_seal_cursor;
create policy tenantry_owner_all on private.audit_seal_cursor to tenantry_owner using (true) with check (true);
comment on table private.audit_seal_cursor is 'How far sealing has come; every row of the log up to here has its seal.';
comment on column private.audit_seal_cursor.cluster is
    'The server whose transaction ids these are; on another one (restored from a dump) sealing looks at every row again.';
comment on column private.audit_seal_cursor.strangers_sealed is
    'Whether rows with transaction ids of an earlier server, which this one has not reached yet, are sealed.';
