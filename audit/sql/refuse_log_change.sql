-- Refuses to change or empty the log, for the owner too; stands on the log and on each of its partitions.
-- object: function {schema}.refuse_log_change()
create or replace function {schema}.refuse_log_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'the audit log cannot be changed: % on % refused', tg_op, tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;
revoke all on function {schema}.refuse_log_change() from public;
