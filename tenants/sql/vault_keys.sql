-- Keeps each organization's data keys, wrapped by a master key that the database never sees: erased with the organization.
-- object: table private.vault_keys
create table if not exists private.vault_keys (
    org_id uuid not null references {schema}.organizations (id) on delete cascade,
    version integer not null check (version > 0),
    master_key text not null,
    wrapped bytea not null,
    due boolean not null default false,
    created_at timestamptz not null default clock_timestamp(),
    primary key (org_id, version)
);
alter table private.vault_keys owner to tenantry_owner;
alter table private.vault_keys enable row level security;
alter table private.vault_keys force row level security;
drop policy if exists tenantry_owner_all on private.vault_keys;
create policy tenantry_owner_all on private.vault_keys to tenantry_owner using (true) with check (true);
revoke all on private.vault_keys from public;
comment on table private.vault_keys is
    'Data keys of organizations, wrapped by a key of TENANTRY_VAULT_KEYS; due: a rotation is to replace it.';
