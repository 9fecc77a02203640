-- Keeps what a request with an Idempotency-Key was answered, for a day, and clears away a few that are over.
-- object: function private.keep_answer(text, text, text)
create or replace function private.keep_answer(key text, fingerprint text, answer text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into private.idempotent_requests (bucket, fingerprint, answer, expires_at)
    values (private.request_bucket(key), keep_answer.fingerprint, keep_answer.answer, now() + interval '24 hours');
    delete from private.idempotent_requests r where r.bucket in (
        select o.bucket from private.idempotent_requests o where o.expires_at <= now()
        order by o.expires_at limit 20 for update skip locked);
end
$$;
revoke all on function private.keep_answer(text, text, text) from public;
grant execute on function private.keep_answer(text, text, text) to tenantry_owner, tenantry_api, tenantry_service;
