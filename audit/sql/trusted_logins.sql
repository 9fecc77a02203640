-- Lists the logins (PostgREST's authenticator, say) whose plain, unsigned claims a DBA has decided to believe.
-- object: table private.trusted_logins
create table if not exists private.trusted_logins (
    login name primary key,
    created_at timestamptz not null default now()
);
revoke all on private.trusted_logins from public;
alter table private.trusted_logins enable row level security;
alter table private.trusted_logins force row level security;
drop policy if exists tenantry_owner_all on private.trusted_logins;
create policy tenantry_owner_all on private.trusted_logins to tenantry_owner using (true) with check (true);
comment on table private.trusted_logins is
    'Logins whose unsigned request.jwt.claims count, for the API surface only; empty unless a DBA adds one.';
