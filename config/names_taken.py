"""Whether a database that Tenantry has never seen has tables with our names."""

from django.apps import apps
from django.conf import settings
from django.db import connection

from postgres.roles import OWNER
from tenants.clinic.adoption import is_adoptable, ownership_remedy

# What the owner role owns is ours from an earlier run.
FOREIGN = """
select c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = %s and c.relname = any(%s) and pg_get_userbyid(c.relowner) <> %s order by 1
"""


def find_taken_names() -> list[str]:
    """Our table names that somebody else uses, but for clinic tables that can be adopted."""
    return [name for name in _find_foreign_tables() if not is_adoptable(name)]


def find_ownership_remedy() -> str:
    """What to type before clinic tables of another owner can be adopted; nothing where all are ours."""
    return ownership_remedy([name for name in _find_foreign_tables() if is_adoptable(name)])


def _find_foreign_tables() -> list[str]:
    names = [m._meta.db_table for m in apps.get_models(include_auto_created=True)]
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN, [settings.TENANTRY_SCHEMA, [*names, "django_migrations"], OWNER])
        return [row[0] for row in cursor.fetchall()]
