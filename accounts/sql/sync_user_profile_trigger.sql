-- Keeps profiles in step with `users`, whoever writes; named to fire before a new person is provisioned.
-- object: trigger create_profile on {schema}.users
create or replace trigger create_profile
    after insert or update on {schema}.users
    for each row execute function {schema}.sync_user_profile();
