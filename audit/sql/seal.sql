-- Signs a text with the newest key.
-- object: function private.seal(text)
create or replace function private.seal(message text) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(message, 'UTF8'))), 'hex')
    from private.claims_keys k order by k.created_at desc, k.key_id desc limit 1
$$;
revoke all on function private.seal(text) from public;
