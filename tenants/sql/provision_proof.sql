-- Proves, in a session that is not the owner's, that one of our own functions asked for membership of this organization.
-- object: function private.provision_proof(uuid)
create or replace function private.provision_proof(org uuid) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    -- Good for this backend and transaction only: a setting that somebody saw is of no use elsewhere.
    select encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(
        'provision:' || pg_backend_pid() || ':' || extract(epoch from now()) || ':' || org, 'UTF8'))), 'hex')
    from private.claims_keys k
    order by k.created_at desc limit 1
$$;
revoke all on function private.provision_proof(uuid) from public;
