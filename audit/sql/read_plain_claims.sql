-- Reads the unsigned claims of a trusted login: whatever is not a JSON object is nobody, and never staff or service.
-- A function of its own, for its exception block: on PostgreSQL 15 that cannot run inside a parallel query.
-- object: function private.read_plain_claims(text)
create or replace function private.read_plain_claims(claims text) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if jsonb_typeof(claims::jsonb) <> 'object' then
        return null;
    end if;
    return claims::jsonb || jsonb_build_object(
        'surface', 'api',
        'sub', private.uuid_or_null(claims::jsonb ->> 'sub'),
        'org_id', private.uuid_or_null(coalesce(claims::jsonb ->> 'org_id', claims::jsonb -> 'app_metadata' ->> 'org_id'))
    );
exception when data_exception or program_limit_exceeded then
    return null;
end
$$;
revoke all on function private.read_plain_claims(text) from public;
