-- Asks for an owner whenever an active one is demoted, deactivated or removed, be it by a cascade.
-- object: trigger keep_an_owner on {schema}.org_members
create or replace trigger keep_an_owner
    after update or delete on {schema}.org_members
    for each row when (old.role = 'owner' and old.state = 'active')
    execute function {schema}.keep_an_owner();
