-- Turns a DELETE by anyone but the owner into a mark, on the row and on those of its group; arguments: table:column of each.
-- object: function {schema}.soft_delete()
create or replace function {schema}.soft_delete() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    deletion uuid := {schema}.new_id();
    follower text;
begin
    if private.is_owner_session() then
        return old;
    end if;
    execute format('update %s set deleted_at = now(), deletion_id = $1'
        ' where org_id = $2 and id = $3 and deleted_at is null', tg_relid::regclass) using deletion, old.org_id, old.id;
    foreach follower in array coalesce(tg_argv[0], '{}')::text[] loop
        execute format('update {schema}.%I set deleted_at = now(), deletion_id = $1'
            ' where org_id = $2 and %I = $3 and deleted_at is null',
            split_part(follower, ':', 1), split_part(follower, ':', 2)) using deletion, old.org_id, old.id;
    end loop;
    return null;
end
$$;
revoke all on function {schema}.soft_delete() from public;
