-- Stores a credential that the application has sealed for this connection and version, in the place of the one before.
-- object: function private.store_integration_credential(uuid, uuid, integer, integer, bytea, text)
create or replace function private.store_integration_credential(
    org uuid, connection uuid, version integer, key_version integer, sealed bytea, last_four text
) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    secret uuid;
begin
    -- The role alone gives nothing: claims must name the service.
    if {schema}.auth_surface() is distinct from 'service' and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    insert into private.vault_secrets as s (org_id, connection_id, version, key_version, sealed)
    values (org, connection, store_integration_credential.version, store_integration_credential.key_version,
        store_integration_credential.sealed)
    on conflict on constraint vault_secrets_org_id_connection_id_key do update set
        version = excluded.version, key_version = excluded.key_version, sealed = excluded.sealed,
        stored_at = excluded.stored_at
        where s.version = excluded.version - 1
    returning s.id into secret;
    if secret is null then
        raise exception 'the credential was stored by somebody else at the same moment; look again, then repeat'
            using errcode = 'serialization_failure';
    end if;
    -- A new credential is what mends a connection.
    update {schema}.integration_connections c set
        vault_secret_id = secret, credential_set_at = now(), credential_last_four = left(last_four, 4),
        status = case when c.status = 'paused' then 'paused' else 'active' end, last_error = ''
    where c.org_id = org and c.id = connection;
    perform private.log_event('credential_stored', org, 'integration_connections', connection::text,
        jsonb_build_object('version', store_integration_credential.version));
    return secret;
end
$$;
revoke all on function private.store_integration_credential(uuid, uuid, integer, integer, bytea, text) from public;
grant execute on function private.store_integration_credential(uuid, uuid, integer, integer, bytea, text)
    to tenantry_owner, tenantry_service;
