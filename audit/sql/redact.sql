-- Replaces the values of redacted columns, so that the log says that they changed and never what they were.
-- object: function private.redact(jsonb, text[])
create or replace function private.redact(image jsonb, columns text[]) returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select case when not image ?| columns then image
        else (select jsonb_object_agg(e.key, case when e.key = any (columns) and e.value <> 'null'
                then '"[redacted]"' else e.value end) from jsonb_each(image) e)
    end
$$;
revoke all on function private.redact(jsonb, text[]) from public;
