"""`manage.py migrate`: roles before the first migration, the claims key after the last."""

from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connection, transaction

from audit.claims import store_claims_key
from config.going_back import make_way
from config.names_taken import find_ownership_remedy, find_taken_names
from postgres.roles import RolesMissing, ensure_access, ensure_roles
from postgres.versions import find_fault, is_too_old


def refuse_old_server() -> None:
    """Before the roles are made: what would fail there is not what is wrong."""
    connection.ensure_connection()
    version = connection.connection.info.server_version
    if is_too_old(version):
        raise CommandError(f"{find_fault(version)}. Nothing was changed. Name another server by DATABASE_URL.")


def refuse_other_encoding() -> None:
    """A first migration that failed for a letter would leave half of itself behind."""
    encoding = connection.connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        name = connection.settings_dict["NAME"]
        raise CommandError(
            f"The database {name} is encoded in {encoding}, which has no room for everybody's names. Nothing was"
            " changed. Restore a dump of it into one made with: create database NAME template template0 encoding 'UTF8'"
        )


class Command(migrate.Command):
    """Django's migrate, acting as the owner role that it makes first."""

    def handle(self, *args: Any, **options: Any) -> None:
        if not options.get("plan") and not options.get("check_unapplied"):
            self._prepare_database()
            make_way(options.get("app_label"), options.get("migration_name"))
        super().handle(*args, **options)
        if not options.get("plan") and not options.get("check_unapplied"):
            self._store_key()

    def _prepare_database(self) -> None:
        refuse_old_server()
        refuse_other_encoding()
        taken = find_taken_names()
        if taken:
            raise CommandError(
                f"The schema {settings.TENANTRY_SCHEMA} has tables with our names already: {', '.join(taken)}."
                " Nothing was changed. Give Tenantry a schema of its own: TENANTRY_SCHEMA=tenantry manage.py migrate"
            )
        with connection.cursor() as cursor:
            cursor.execute("reset role")
            try:
                ensure_roles(cursor)
            except RolesMissing as error:
                raise CommandError(f"{error}. Let a DBA run this, then migrate again:\n\n{error.remedy}") from error
            ensure_access(cursor, settings.TENANTRY_SCHEMA, connection.settings_dict["NAME"])
        if remedy := find_ownership_remedy():
            raise CommandError(
                "Tables with our names can be adopted, but belong to another role. No table was changed."
                f" Let their owner or a superuser run this, then migrate again:\n\n{remedy}"
            )
        # The next connection acts as the owner.
        connection.close()

    def _store_key(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select to_regclass('private.claims_keys')")
            if cursor.fetchone()[0]:
                store_claims_key(cursor, settings.TENANTRY_CLAIMS_KEY)
