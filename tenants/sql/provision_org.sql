-- Makes an organization with its first workspace and its owner; look-alike slugs get a random ending until one is free.
-- object: function private.provision_org(uuid, text, text)
create or replace function private.provision_org(person uuid, org_name text, wanted_slug text) returns uuid
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    org uuid;
    candidate text := wanted_slug;
begin
    -- The role alone gives nothing: claims must name the service, unless a trigger or the owner calls.
    if {schema}.auth_surface() is distinct from 'service' and pg_trigger_depth() = 0 and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    loop
        insert into {schema}.organizations (slug, name, created_by_id)
        values (candidate, org_name, person)
        on conflict do nothing
        returning id into org;
        exit when org is not null;
        candidate := rtrim(left(wanted_slug, 50), '-') || '-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 8);
    end loop;
    insert into {schema}.org_members (org_id, user_id, role, state, joined_at)
    values (org, person, 'owner', 'active', clock_timestamp());
    insert into {schema}.workspaces (org_id, name) values (org, 'Main');
    return org;
end
$$;
revoke all on function private.provision_org(uuid, text, text) from public;
grant execute on function private.provision_org(uuid, text, text) to tenantry_service;
