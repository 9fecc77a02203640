-- The door through which restore_org puts the log of an organization back; the view's trigger writes the row.
-- object: view private.restored_log
create or replace view private.restored_log with (security_invoker = true) as
    select id, created_at, org_id, user_id, actor, impersonator_id, surface, action, table_name, record_id,
        old_data, new_data, reason, request_id, batch_id, transaction_id
    from {schema}.audit_logs where false;
revoke all on private.restored_log from public;
create or replace trigger restore_log_row instead of insert on private.restored_log
    for each row execute function private.restore_log_row();
