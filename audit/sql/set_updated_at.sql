-- Keeps `updated_at`, whoever writes, and leaves it alone when nothing else changed.
-- object: function {schema}.set_updated_at()
create or replace function {schema}.set_updated_at() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new is distinct from old then
        new.updated_at := clock_timestamp();
    end if;
    return new;
end
$$;
revoke all on function {schema}.set_updated_at() from public;
