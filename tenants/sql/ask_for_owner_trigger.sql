-- Asks for an owner when an organization comes out of deletion, be it by raw SQL.
-- object: trigger ask_for_owner on {schema}.organizations
create or replace trigger ask_for_owner
    after update of status on {schema}.organizations
    for each row when (old.status = 'deleting' and new.status <> 'deleting')
    execute function {schema}.ask_for_owner();
