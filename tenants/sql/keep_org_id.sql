-- Refuses to move a row into another organization.
-- object: function {schema}.keep_org_id()
create or replace function {schema}.keep_org_id() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.org_id is distinct from old.org_id then
        raise exception 'a row of % cannot move to another organization: org_id is immutable', tg_table_name
            using errcode = 'check_violation', constraint = 'org_id_immutable_' || tg_table_name, table = tg_table_name;
    end if;
    return new;
end
$$;
revoke all on function {schema}.keep_org_id() from public;
