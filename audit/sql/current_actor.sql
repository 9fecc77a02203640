-- Names who is acting, for the log: a person, a key, a job, the part of the program, or the database login.
-- object: function private.current_actor()
create or replace function private.current_actor() returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
    job text := nullif(current_setting('tenantry.job', true), '');
begin
    return case
        when claims ? 'api_key_id' then 'key:' || (claims ->> 'api_key_id')
        when claims ->> 'sub' <> '' then 'user:' || (claims ->> 'sub')
        when claims ->> 'surface' = 'service' then 'system:' || coalesce(claims ->> 'reason', 'service')
        when job is not null and private.is_owner_session() then 'system:' || job
        else 'db:' || session_user
    end;
end
$$;
revoke all on function private.current_actor() from public;
