-- Counts, up to 100,000, the rows that wait in a DEFAULT partition for a month of their own: for those who watch.
-- object: function private.rows_without_month()
create or replace function private.rows_without_month()
returns table (parent text, waiting bigint)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select 'audit_logs', count(*) from (select from {schema}.audit_logs_default limit 100000) l
        union all
        select 'metric_events', count(*) from (select from {schema}.metric_events_default limit 100000) e;
end
$$;
revoke all on function private.rows_without_month() from public;
grant execute on function private.rows_without_month() to tenantry_owner, tenantry_staff, tenantry_service;
