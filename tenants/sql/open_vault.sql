-- Begins the storing of a credential: holds its connection, and answers which version it will be and the key to use.
-- Nothing comes back for a connection that is not there; no key where the organization has none yet.
-- object: function private.open_vault(uuid, uuid)
create or replace function private.open_vault(
    org uuid, connection uuid, out version integer, out key_version integer, out master_key text, out wrapped bytea
) returns setof record
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The role alone gives nothing: claims must name the service.
    if {schema}.auth_surface() is distinct from 'service' and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    perform from {schema}.integration_connections c where c.org_id = org and c.id = connection for no key update;
    if not found then
        return;
    end if;
    select coalesce(max(s.version), 0) + 1 into open_vault.version from private.vault_secrets s
    where s.org_id = org and s.connection_id = connection;
    -- Held until the credential stands, so that a rotation does not take the key away from under it. One that was
    -- taken away while we waited is looked for anew: its successor stands by then.
    loop
        select k.version, k.master_key, k.wrapped
        into open_vault.key_version, open_vault.master_key, open_vault.wrapped
        from private.vault_keys k where k.org_id = org order by k.version desc limit 1 for key share;
        exit when found or not exists (select from private.vault_keys k where k.org_id = org);
    end loop;
    return next;
end
$$;
revoke all on function private.open_vault(uuid, uuid) from public;
grant execute on function private.open_vault(uuid, uuid) to tenantry_owner, tenantry_service;
