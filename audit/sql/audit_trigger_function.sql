-- Writes one row of the log per changed row, from the row itself, whoever changed it and however.
-- Arguments: table name as logged, key column, organization column ('' where there is none), redacted columns.
-- The key may be a list, '{a,b}': its values become a JSON array; '{}' is a table without a key, whose rows are told
-- apart by what they hold.
-- The organization column is a uuid: another value stops the change, and is not logged as nobody's.
-- `updated_at`, `last_login` and `last_used_at` alone are no change: a sign-in is logged as what it is.
-- object: function {schema}.audit_trigger_function()
create or replace function {schema}.audit_trigger_function() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    redacted text[] := tg_argv[3];
    keys text[];
    record_id text;
    was jsonb;
    becomes jsonb;
    image jsonb;
    same text[];
    row_org uuid;
    written text;
begin
    if tg_op <> 'INSERT' then
        was := to_jsonb(old);
    end if;
    if tg_op <> 'DELETE' then
        becomes := to_jsonb(new);
    end if;
    image := coalesce(becomes, was);
    if left(tg_argv[1], 1) <> '{' then
        record_id := image ->> tg_argv[1];
    else
        keys := tg_argv[1]::text[];
        record_id := case cardinality(keys)
            when 0 then 'row:' || md5(private.redact(coalesce(was, becomes), redacted)::text)
            when 1 then image ->> keys[1]
            else (select jsonb_agg(image -> k.name order by k.place)::text
                from unnest(keys) with ordinality as k (name, place))
        end;
    end if;
    if tg_op = 'UPDATE' then
        -- Of the ways to tell what changed, this starts the least: jsonb_each() keeps its rows before it gives them.
        same := '{updated_at,last_login,last_used_at}'::text[] || array(
            select k.name from (select jsonb_object_keys(becomes) as name) k where was -> k.name = becomes -> k.name
        );
        was := was - same;
        becomes := becomes - same;
        if becomes = '{}' then
            return null;
        end if;
    end if;
    if redacted <> '{}' then
        was := private.redact(was, redacted);
        becomes := private.redact(becomes, redacted);
    end if;
    row_org := (image ->> tg_argv[2])::uuid;
    -- Assigned, because a PERFORM is planned and started as a query.
    written := private.write_log(tg_op, tg_argv[0], record_id, row_org, was, becomes);
    return null;
end
$$;
revoke all on function {schema}.audit_trigger_function() from public;
