-- Turns a claim into a UUID, or into NULL where it is none: a malformed claim is nobody, not an error.
-- object: function private.uuid_or_null(text)
create or replace function private.uuid_or_null(value text) returns uuid
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return case when value ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then value::uuid end;
end
$$;
revoke all on function private.uuid_or_null(text) from public;
