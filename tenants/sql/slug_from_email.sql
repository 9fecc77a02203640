-- Makes a slug of an e-mail's first part, for organizations that nobody has named yet.
-- object: function private.slug_from_email(text)
create or replace function private.slug_from_email(email text) returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    -- Always with an ending, so that it is neither too short, nor a number, nor a reserved word.
    select coalesce(nullif(trim(both '-' from left(
        regexp_replace(lower(split_part(email, '@', 1)), '[^a-z0-9]+', '-', 'g'), 40)), '') || '-org', 'new-org')
$$;
revoke all on function private.slug_from_email(text) from public;
