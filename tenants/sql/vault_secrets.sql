-- Keeps the credentials of connections, sealed by the application; of a revoked one the version stays, so that none comes twice.
-- A secret goes with its data key: nothing could open it.
-- object: table private.vault_secrets
create table if not exists private.vault_secrets (
    org_id uuid not null,
    id uuid not null default {schema}.new_id(),
    connection_id uuid not null,
    version integer not null check (version > 0),
    key_version integer,
    sealed bytea,
    stored_at timestamptz not null default clock_timestamp(),
    primary key (org_id, id),
    unique (org_id, connection_id),
    foreign key (org_id, connection_id) references {schema}.integration_connections (org_id, id) on delete cascade,
    foreign key (org_id, key_version) references private.vault_keys (org_id, version) on delete cascade,
    check ((sealed is null) = (key_version is null))
);
create index if not exists idx_vault_secrets_key on private.vault_secrets (org_id, key_version);
alter table private.vault_secrets owner to tenantry_owner;
alter table private.vault_secrets enable row level security;
alter table private.vault_secrets force row level security;
drop policy if exists tenantry_owner_all on private.vault_secrets;
create policy tenantry_owner_all on private.vault_secrets to tenantry_owner using (true) with check (true);
revoke all on private.vault_secrets from public;
comment on table private.vault_secrets is 'Credentials of integration_connections, AES-256-GCM; keys are elsewhere.';
