-- Adds one row to the log, with who, through what and why from the claims; called by triggers only.
-- object: function private.write_log(text, text, text, uuid, jsonb, jsonb)
create or replace function private.write_log(
    action text, table_name text, record_id text, org_id uuid, old_data jsonb, new_data jsonb
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- This runs for every row that anybody changes. What a variable takes is prepared once a transaction, what stands in
    -- the INSERT at every row, and what an IF leaves out never: functions stand where there is something for them to do.
    claims jsonb := private.auth_claims();
    person text := claims ->> 'sub';
    person_id uuid := person::uuid;
    impersonator_id uuid;
    surface text := coalesce(claims ->> 'surface', 'database');
    reason text := claims ->> 'reason';
    request_id text := coalesce(claims ->> 'request_id', '');
    batch text := claims ->> 'batch_id';
    set_reason text := current_setting('tenantry.reason', true);
    set_batch text := current_setting('tenantry.batch_id', true);
    actor text;
    batch_id uuid;
    row_id uuid := {schema}.new_id();
    row_org uuid := coalesce(org_id, '00000000-0000-0000-0000-000000000000');
    written_at timestamptz := clock_timestamp();
begin
    if (set_reason <> '' or set_batch <> '') and private.is_owner_session() then
        reason := coalesce(reason, set_reason);
        batch := coalesce(batch, set_batch);
    end if;
    reason := coalesce(reason, '');
    if batch <> '' then
        batch_id := private.uuid_or_null(batch);
    end if;
    if claims ? 'impersonator' then
        impersonator_id := private.uuid_or_null(claims ->> 'impersonator');
    end if;
    -- Most rows are changed by a person, who is told here; current_actor() would verify the same claims once more.
    if person <> '' and not claims ? 'api_key_id' then
        actor := 'user:' || person;
    else
        actor := private.current_actor();
    end if;
    insert into {schema}.audit_logs (
        id, created_at, org_id, user_id, actor, impersonator_id, surface, action, table_name, record_id,
        old_data, new_data, reason, request_id, batch_id
    ) values (
        row_id, written_at, row_org, person_id, actor, impersonator_id, surface, action, table_name, record_id,
        old_data, new_data, reason, request_id, batch_id
    );
end
$$;
revoke all on function private.write_log(text, text, text, uuid, jsonb, jsonb) from public;
