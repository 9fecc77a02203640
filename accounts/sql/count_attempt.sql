-- Counts one attempt (or takes one back, by a step of -1) and answers in how many seconds the next is allowed; 0: now.
-- object: function private.count_attempt(text, integer, integer, integer)
create or replace function private.count_attempt(
    bucket text, allowed integer, seconds integer, step integer default 1
) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    waiting integer;
begin
    -- The role alone gives nothing: claims must name the service.
    if {schema}.auth_surface() is distinct from 'service' and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    insert into private.attempts as a (bucket, count, ends_at)
    values (count_attempt.bucket, greatest(step, 0), clock_timestamp() + make_interval(secs => seconds))
    on conflict on constraint attempts_pkey do update set
        -- Capped: a flood must not end in an overflow.
        count = case when a.ends_at <= clock_timestamp() then excluded.count
            else greatest(least(a.count + step, 1000000), 0) end,
        ends_at = case when a.ends_at <= clock_timestamp() then excluded.ends_at else a.ends_at end
    returning case when a.count > allowed
        then greatest(ceil(extract(epoch from a.ends_at - clock_timestamp()))::integer, 1) else 0 end into waiting;
    return waiting;
end
$$;
revoke all on function private.count_attempt(text, integer, integer, integer) from public;
grant execute on function private.count_attempt(text, integer, integer, integer) to tenantry_owner, tenantry_service;
