-- Destroys a credential; the connection stays, revoked, until it is given another. Answers whether there was one.
-- object: function private.revoke_integration_credential(uuid, uuid)
create or replace function private.revoke_integration_credential(org uuid, connection uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The role alone gives nothing: claims must name the service.
    if {schema}.auth_surface() is distinct from 'service' and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    perform from {schema}.integration_connections c where c.org_id = org and c.id = connection for no key update;
    update private.vault_secrets s set sealed = null, key_version = null
    where s.org_id = org and s.connection_id = connection and s.sealed is not null;
    if not found then
        return false;
    end if;
    update {schema}.integration_connections c set
        credential_set_at = null, credential_last_four = '', status = 'revoked'
    where c.org_id = org and c.id = connection;
    perform private.log_event('credential_revoked', org, 'integration_connections', connection::text);
    return true;
end
$$;
revoke all on function private.revoke_integration_credential(uuid, uuid) from public;
grant execute on function private.revoke_integration_credential(uuid, uuid) to tenantry_owner, tenantry_service;
