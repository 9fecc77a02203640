-- Provisions whoever is inserted, by Django or by psql.
-- object: trigger handle_new_user on {schema}.users
create or replace trigger handle_new_user
    after insert on {schema}.users
    for each row execute function {schema}.handle_new_user();
