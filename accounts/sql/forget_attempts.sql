-- Forgets what was counted: who has proven who they are begins anew.
-- object: function private.forget_attempts(text)
create or replace function private.forget_attempts(bucket text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The role alone gives nothing: claims must name the service.
    if {schema}.auth_surface() is distinct from 'service' and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    delete from private.attempts a where a.bucket = forget_attempts.bucket;
end
$$;
revoke all on function private.forget_attempts(text) from public;
grant execute on function private.forget_attempts(text) to tenantry_owner, tenantry_service;
