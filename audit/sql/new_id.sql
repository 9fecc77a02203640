-- Makes a time-ordered (version 7) UUID on every server version: milliseconds first, so new rows stay together.
-- object: function {schema}.new_id()
create or replace function {schema}.new_id() returns uuid
language sql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$
    -- A random v4 whose first 48 bits become the time; setting bits 52 and 53 turns the version from 4 to 7.
    select encode(set_bit(set_bit(
        overlay(uuid_send(gen_random_uuid())
            placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
            from 1 for 6),
        52, 1), 53, 1), 'hex')::uuid
$$;
