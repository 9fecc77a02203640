-- Adds one row to the log, with who, through what and why from the claims; called by triggers only.
-- object: function private.write_log(text, text, text, uuid, jsonb, jsonb)
create or replace function private.write_log(
    action text, table_name text, record_id text, org_id uuid, old_data jsonb, new_data jsonb
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
    person text := claims ->> 'sub';
    impersonator text := claims ->> 'impersonator';
    reason text := claims ->> 'reason';
    batch text := claims ->> 'batch_id';
begin
    if (reason is null or batch is null) and private.is_owner_session() then
        reason := coalesce(reason, current_setting('tenantry.reason', true));
        batch := coalesce(batch, current_setting('tenantry.batch_id', true));
    end if;
    -- This runs for every row that anybody changes: functions are called where there is something for them to do.
    -- Most rows are changed by a person, who is told here; current_actor() would verify the same claims once more.
    insert into {schema}.audit_logs (
        id, created_at, org_id, user_id, actor, impersonator_id, surface, action, table_name, record_id,
        old_data, new_data, reason, request_id, batch_id
    ) values (
        {schema}.new_id(), clock_timestamp(), coalesce(org_id, '00000000-0000-0000-0000-000000000000'),
        case when person is not null then private.uuid_or_null(person) end,
        case when person <> '' and not claims ? 'api_key_id' then 'user:' || person else private.current_actor() end,
        case when impersonator is not null then private.uuid_or_null(impersonator) end,
        coalesce(claims ->> 'surface', 'database'), action, table_name, record_id, old_data, new_data,
        coalesce(reason, ''), coalesce(claims ->> 'request_id', ''),
        case when batch is not null then private.uuid_or_null(batch) end
    );
end
$$;
revoke all on function private.write_log(text, text, text, uuid, jsonb, jsonb) from public;
