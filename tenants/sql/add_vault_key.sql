-- Gives an organization its first data key, wrapped by the application; whoever comes second uses the first one's.
-- object: function private.add_vault_key(uuid, text, bytea)
create or replace function private.add_vault_key(org uuid, master_key text, wrapped bytea) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The role alone gives nothing: claims must name the service.
    if {schema}.auth_surface() is distinct from 'service' and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    insert into private.vault_keys (org_id, version, master_key, wrapped)
    values (org, 1, add_vault_key.master_key, add_vault_key.wrapped)
    on conflict do nothing;
end
$$;
revoke all on function private.add_vault_key(uuid, text, bytea) from public;
grant execute on function private.add_vault_key(uuid, text, bytea) to tenantry_owner, tenantry_service;
