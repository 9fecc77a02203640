-- Says whether a text was signed with one of our keys (HMAC-SHA-256 over built-in sha256: there may be no pgcrypto).
-- object: function private.seal_matches(text, text)
create or replace function private.seal_matches(message text, seal text) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from private.claims_keys k
        where encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(message, 'UTF8'))), 'hex') = seal
    )
$$;
revoke all on function private.seal_matches(text, text) from public;
