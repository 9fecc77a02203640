-- Names a client's Idempotency-Key among everybody's: by who is acting, for which organization.
-- object: function private.request_bucket(text)
create or replace function private.request_bucket(key text) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if {schema}.auth_surface() is null then
        raise insufficient_privilege using message = 'nobody is acting: enter a scope first';
    end if;
    return encode(sha256(convert_to(private.current_actor() || '|' || coalesce({schema}.auth_org_id()::text, '')
        || '|' || key, 'UTF8')), 'hex');
end
$$;
revoke all on function private.request_bucket(text) from public;
