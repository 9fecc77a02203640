-- Which of these roles pass row security whatever it says.
select rolname::text as name, rolsuper or rolbypassrls as passes from pg_catalog.pg_roles where rolname = any(%(roles)s)
