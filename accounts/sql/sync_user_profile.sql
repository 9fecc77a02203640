-- Makes a person's profile and preferences, and keeps the profile's e-mail in step.
-- object: function {schema}.sync_user_profile()
create or replace function {schema}.sync_user_profile() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into {schema}.user_profiles (user_id, email) values (new.id, new.email)
    on conflict (user_id) do update set email = excluded.email where user_profiles.email <> excluded.email;
    insert into {schema}.user_preferences (user_id) values (new.id) on conflict do nothing;
    return null;
end
$$;
revoke all on function {schema}.sync_user_profile() from public;
