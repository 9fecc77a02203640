-- The old application's own login, with the rights it has always had.
do $$ begin
    create role legacy_crm_app login;
exception
    -- Roles belong to the whole server: another database's demo may have made it, or be making it.
    when duplicate_object or unique_violation then null;
end $$;
grant usage on schema legacy_crm to legacy_crm_app;
grant select, insert, update, delete on all tables in schema legacy_crm to legacy_crm_app;
grant usage on all sequences in schema legacy_crm to legacy_crm_app;
