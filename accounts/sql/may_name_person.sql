-- Says whether the acting session may ask about or choose for a person: themselves, or anyone for owner and services.
-- object: function private.may_name_person(uuid)
create or replace function private.may_name_person(person uuid) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return coalesce(claims ->> 'surface' = 'service' and claims ->> 'sub' is null, false)
        or coalesce(private.uuid_or_null(claims ->> 'sub') = person, false)
        or (claims is null and private.is_owner_session());
end
$$;
revoke all on function private.may_name_person(uuid) from public;
