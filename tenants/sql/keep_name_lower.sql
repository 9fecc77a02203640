-- Keeps `name_lower`, the beginning of a row's name in lower case, whoever writes and whatever they say of it.
-- object: function {schema}.keep_name_lower()
create or replace function {schema}.keep_name_lower() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Cut: an index takes no entry of more than some 2,700 bytes, and tables that were adopted have names of any length.
    new.name_lower := lower(left(new.name, 200));
    return new;
end
$$;
revoke all on function {schema}.keep_name_lower() from public;
