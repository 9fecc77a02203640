-- Who asks whom, and which of the named schemas there are.
select session_user::text as login, current_setting('server_version_num')::int as version,
    array(select nspname::text from pg_catalog.pg_namespace where nspname = any(%(schemas)s)) as schemas
