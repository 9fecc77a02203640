-- Gives each row of the log its digest. Two forms must not be equal, and none may depend on a setting of the session:
-- the text of a record tells NULL from '' and from a JSON null, and the times are in the link, in binary.
-- A new column of the log does not belong in here (it would break every seal): it needs a second form beside this one.
-- object: view private.log_digests
create or replace view private.log_digests with (security_invoker = true) as
    select org_id, created_at, id, transaction_id,
        sha256(convert_to(row(
            user_id, actor, impersonator_id, surface, action, table_name, record_id, old_data, new_data, reason,
            request_id, batch_id, transaction_id
        )::text, 'UTF8')) as digest
    from {schema}.audit_logs;
revoke all on private.log_digests from public;
