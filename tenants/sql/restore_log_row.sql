-- Writes one row of a log that is brought back, as it was; only for the organization that this transaction restores.
-- object: function private.restore_log_row()
create or replace function private.restore_log_row() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- By this transaction: nobody writes the past of an organization that others can see already.
    if not exists (
        select from {schema}.audit_logs l where l.table_name = 'organizations' and l.record_id = new.org_id::text
            and l.org_id = new.org_id and l.action = 'INSERT'
            and l.transaction_id = pg_current_xact_id()::text::bigint
    ) then
        raise exception 'log rows come back with their organization only: manage.py restore_org'
            using errcode = 'insufficient_privilege';
    end if;
    insert into {schema}.audit_logs (
        id, created_at, org_id, user_id, actor, impersonator_id, surface, action, table_name, record_id,
        old_data, new_data, reason, request_id, batch_id, transaction_id
    ) values (
        new.id, new.created_at, new.org_id, new.user_id, new.actor, new.impersonator_id, new.surface, new.action,
        new.table_name, new.record_id, new.old_data, new.new_data, new.reason, new.request_id, new.batch_id,
        new.transaction_id
    );
    return new;
end
$$;
revoke all on function private.restore_log_row() from public;
