-- Chains one row to those before it; binary forms only, which no setting of the session changes.
-- object: function private.link_hash(bytea, uuid, bigint, timestamptz, uuid, bytea, timestamptz)
create or replace function private.link_hash(
    previous bytea, org_id uuid, place bigint, created_at timestamptz, log_id uuid, digest bytea, sealed_at timestamptz
) returns bytea
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return sha256(coalesce(previous, '') || uuid_send(org_id) || int8send(place) || timestamptz_send(created_at)
        || uuid_send(log_id) || digest || timestamptz_send(sealed_at));
end
$$;
revoke all on function private.link_hash(bytea, uuid, bigint, timestamptz, uuid, bytea, timestamptz) from public;
