-- Begins a request with an Idempotency-Key: new, done (with what was answered), other (another request had it) or busy.
-- object: function private.claim_request(text, text)
create or replace function private.claim_request(key text, fingerprint text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    named text := private.request_bucket(key);
    held private.idempotent_requests;
begin
    -- For the transaction: let go of only after what it guards can be read.
    if not pg_try_advisory_xact_lock(hashtextextended(named, 409)) then
        return '{"state": "busy"}';
    end if;
    delete from private.idempotent_requests r where r.bucket = named and r.expires_at <= now();
    select * into held from private.idempotent_requests r where r.bucket = named;
    if not found then
        return '{"state": "new"}';
    end if;
    if held.fingerprint <> claim_request.fingerprint then
        return '{"state": "other"}';
    end if;
    return jsonb_build_object('state', 'done', 'answer', held.answer);
end
$$;
revoke all on function private.claim_request(text, text) from public;
grant execute on function private.claim_request(text, text) to tenantry_owner, tenantry_api, tenantry_service;
