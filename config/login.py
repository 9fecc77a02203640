"""What a web process checks of the login it was given, before it answers anybody."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from postgres.roles import OWNER

# CREATEROLE is among them: before PostgreSQL 16 it is the right to grant oneself any role.
FIND_DANGERS = """
select array_remove(array[
    case when r.rolsuper then 'is a superuser' end,
    case when r.rolbypassrls then 'has BYPASSRLS' end,
    case when r.rolcreaterole then 'has CREATEROLE' end,
    case when pg_has_role(r.oid, o.oid, 'MEMBER') then 'is a member of ' || o.rolname end,
    case when d.datdba = r.oid then 'owns the database' end,
    case when exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relowner = r.oid and n.nspname <> 'information_schema' and n.nspname !~ '^pg_') then 'owns tables' end
], null)
from pg_catalog.pg_roles r
    join pg_catalog.pg_database d on d.datname = current_database()
    left join pg_catalog.pg_roles o on o.rolname = %s
where r.rolname = %s
"""
REMEDY = "Make one with `manage.py web_login` and put its address into APP_DATABASE_URL."


def find_dangers(cursor: Any, login: str) -> list[str]:
    """What makes a login one that row-level security does not bind, or that could make itself such a one."""
    cursor.execute(FIND_DANGERS, [OWNER, login])
    row = cursor.fetchone()
    return list(row[0]) if row else []


def refuse_dangerous_login() -> None:
    """Row-level security binds only a login that is none of these."""
    with connection.cursor() as cursor:
        cursor.execute("select session_user")
        login = cursor.fetchone()[0]
        found = find_dangers(cursor, login)
    connection.close()
    if found:
        raise ImproperlyConfigured(
            f"The login {login} {' and '.join(found)}: a web process does not start with it, for the database could"
            f" refuse it nothing. {REMEDY}"
        )
