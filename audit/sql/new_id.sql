-- Makes a time-ordered (version 7) UUID on every server version: milliseconds first, so new rows stay together.
-- object: function {schema}.new_id()
create or replace function {schema}.new_id() returns uuid
language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    -- A random v4 whose first 48 bits become the time, and whose version becomes 7. In plpgsql, because a SQL function
    -- that cannot be inlined starts an executor at every call: that was a sixth of what a logged row costs.
    return (lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0')
        || '7' || substr(gen_random_uuid()::text, 16))::uuid;
end
$$;
