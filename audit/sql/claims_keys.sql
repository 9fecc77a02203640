-- Keeps the keys that sign claims, as ready HMAC pads: the newest signs, an older one still verifies while it is rotated out.
-- object: table private.claims_keys
create table if not exists private.claims_keys (
    key_id text primary key,
    inner_pad bytea not null,
    outer_pad bytea not null,
    created_at timestamptz not null default clock_timestamp()
);
revoke all on private.claims_keys from public;
alter table private.claims_keys enable row level security;
alter table private.claims_keys force row level security;
drop policy if exists tenantry_owner_all on private.claims_keys;
create policy tenantry_owner_all on private.claims_keys to tenantry_owner using (true) with check (true);
comment on table private.claims_keys is
    'Keys that sign claims, as HMAC-SHA-256 pads; written by `manage.py migrate` from TENANTRY_CLAIMS_KEY.';
