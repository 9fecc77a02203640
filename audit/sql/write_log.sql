-- Adds one row to the log, with who, through what and why from the claims; called by triggers only.
-- object: function private.write_log(text, text, text, uuid, jsonb, jsonb)
create or replace function private.write_log(
    action text, table_name text, record_id text, org_id uuid, old_data jsonb, new_data jsonb
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := coalesce(private.auth_claims(), '{}');
    by_owner boolean := private.is_owner_session();
begin
    insert into {schema}.audit_logs (
        id, created_at, org_id, user_id, actor, impersonator_id, surface, action, table_name, record_id,
        old_data, new_data, reason, request_id, batch_id
    ) values (
        {schema}.new_id(), clock_timestamp(), coalesce(org_id, '00000000-0000-0000-0000-000000000000'),
        private.uuid_or_null(claims ->> 'sub'), private.current_actor(),
        private.uuid_or_null(claims ->> 'impersonator'), coalesce(claims ->> 'surface', 'database'),
        action, table_name, record_id, old_data, new_data,
        coalesce(claims ->> 'reason', case when by_owner then current_setting('tenantry.reason', true) end, ''),
        coalesce(claims ->> 'request_id', ''),
        private.uuid_or_null(coalesce(claims ->> 'batch_id',
            case when by_owner then current_setting('tenantry.batch_id', true) end))
    );
end
$$;
revoke all on function private.write_log(text, text, text, uuid, jsonb, jsonb) from public;
