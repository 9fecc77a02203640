"""What a web process checks of the login it was given, before it answers anybody."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from postgres.roles import OWNER

READ_LOGIN = """
select session_user, r.rolsuper, r.rolbypassrls,
    coalesce((select pg_has_role(session_user, o.oid, 'MEMBER')
        from pg_catalog.pg_roles o where o.rolname = %s), false),
    exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relowner = r.oid and n.nspname <> 'information_schema' and n.nspname !~ '^pg_')
from pg_catalog.pg_roles r where r.rolname = session_user
"""
REMEDY = "Make one with `manage.py web_login` and put its address into APP_DATABASE_URL."


def refuse_dangerous_login() -> None:
    """Row-level security binds only a login that is none of these."""
    with connection.cursor() as cursor:
        cursor.execute(READ_LOGIN, [OWNER])
        login, *dangers = cursor.fetchone()
    names = ("is a superuser", "has BYPASSRLS", f"is a member of {OWNER}", "owns tables")
    found = [name for name, danger in zip(names, dangers, strict=True) if danger]
    connection.close()
    if found:
        raise ImproperlyConfigured(
            f"The login {login} {' and '.join(found)}: a web process does not start with it, for the database could"
            f" refuse it nothing. {REMEDY}"
        )
