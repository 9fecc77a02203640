-- Who is acting: the claims of this transaction when their signature holds, or NULL for nobody.
-- Not PARALLEL SAFE: a worker has another backend pid, over which nothing was signed.
-- object: function private.auth_claims()
create or replace function private.auth_claims() returns jsonb
language plpgsql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims text := current_setting('request.jwt.claims', true);
    seal text := current_setting('request.jwt.signature', true);
    signed bytea;
begin
    if claims is null or claims = '' then
        return null;
    end if;
    if seal <> '' then
        -- What does not need the keys is done outside: this runs for every row of the log, and a query starts anew.
        signed := convert_to('claims:' || pg_backend_pid() || ':' || extract(epoch from now()) || ':' || claims, 'UTF8');
        perform from private.claims_keys k
        where encode(sha256(k.outer_pad || sha256(k.inner_pad || signed)), 'hex') = seal;
        if found then
            return claims::jsonb;
        end if;
    end if;
    if exists (select from private.trusted_logins t where t.login = session_user) then
        return private.read_plain_claims(claims);
    end if;
    return null;
end
$$;
revoke all on function private.auth_claims() from public;
grant execute on function private.auth_claims()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
