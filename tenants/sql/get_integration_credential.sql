-- Hands out a sealed credential with its wrapped key, to be opened by the application; the log says who read it, and for what.
-- object: function private.get_integration_credential(uuid, uuid, text)
create or replace function private.get_integration_credential(
    org uuid, connection uuid, purpose text, out version integer, out sealed bytea, out key_version integer,
    out master_key text, out wrapped bytea
) returns setof record
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The role alone gives nothing: claims must name the service.
    if {schema}.auth_surface() is distinct from 'service' and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    if coalesce(trim(purpose), '') = '' then
        raise exception 'a credential is read for a purpose, which the log keeps: name it'
            using errcode = 'check_violation', constraint = 'credential_purpose';
    end if;
    select s.version, s.sealed, k.version, k.master_key, k.wrapped
    into get_integration_credential.version, get_integration_credential.sealed,
        get_integration_credential.key_version, get_integration_credential.master_key,
        get_integration_credential.wrapped
    from private.vault_secrets s
    join private.vault_keys k on k.org_id = s.org_id and k.version = s.key_version
    where s.org_id = org and s.connection_id = connection;
    if not found then
        return;
    end if;
    perform private.log_event('credential_read', org, 'integration_connections', connection::text,
        jsonb_build_object('purpose', purpose, 'version', get_integration_credential.version));
    return next;
end
$$;
revoke all on function private.get_integration_credential(uuid, uuid, text) from public;
grant execute on function private.get_integration_credential(uuid, uuid, text) to tenantry_owner, tenantry_service;
