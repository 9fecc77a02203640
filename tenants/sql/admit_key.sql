-- Decides at request time what an API key may be: the key's own row, and its organization, which it ends with.
-- Notes its use at most once an hour, and never by waiting for somebody who does.
-- object: function private.admit_key(jsonb)
create or replace function private.admit_key(wanted jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    key {schema}.api_keys;
    claims jsonb := wanted - array['api_key_hash', 'sub', 'session_id', 'org_id', 'user_role'];
begin
    select * into key from {schema}.api_keys k
    where k.secret_hash = wanted ->> 'api_key_hash' and k.revoked_at is null
        and (k.expires_at is null or k.expires_at > now());
    if not found then
        return '{"status": "nobody"}';
    end if;
    claims := claims || jsonb_build_object('api_key_id', key.id);
    if not exists (select from {schema}.organizations o where o.id = key.org_id and o.status = 'active') then
        return jsonb_build_object('status', 'no-active-organization', 'claims', claims);
    end if;
    if coalesce(key.last_used_at < now() - interval '1 hour', true)
        and current_setting('transaction_read_only') = 'off'
    then
        update {schema}.api_keys k set last_used_at = now()
        where (k.org_id, k.id) = (
            select l.org_id, l.id from {schema}.api_keys l where l.org_id = key.org_id and l.id = key.id
            for no key update skip locked);
    end if;
    return jsonb_build_object('status', 'ok', 'claims',
        claims || jsonb_build_object('org_id', key.org_id, 'user_role', key.role));
end
$$;
revoke all on function private.admit_key(jsonb) from public;
