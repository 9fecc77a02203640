-- Writes one row of the log when a whole table is emptied, which row triggers do not see.
-- object: function {schema}.log_truncate()
create or replace function {schema}.log_truncate() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform private.write_log(tg_op, tg_argv[0], null, null, null, null);
    return null;
end
$$;
revoke all on function {schema}.log_truncate() from public;
