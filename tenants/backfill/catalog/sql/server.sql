-- Who asks whom, and which of the named schemas there are.
select session_user::text as login, current_setting('server_version_num')::int as version,
    (select rolinherit from pg_catalog.pg_roles where rolname = session_user) as inherits,
    array(select nspname::text from pg_catalog.pg_namespace where nspname = any(%(schemas)s)) as schemas
