"""What the tests of export, restore and erasure share: rows everywhere, digests, and the commands."""

import io
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

from audit.models import NO_ORG
from config.org_archive.catalog import read_catalog
from config.org_archive.sessions import begin
from tenants.models import Organization
from tests.databases import login_session

TABLES = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_'
    and not (n.nspname = 'private' and c.relname in ('audit_erased', 'audit_seals', 'audit_heads'))
"""


PRIVATE = ("trusted_logins", "batch_jobs", "attempts", "idempotent_requests")


def clean_private() -> None:
    """What no flush empties: whatever has failed before must not stop the next test."""
    with connection.cursor() as cursor:
        for table in PRIVATE:
            cursor.execute(f"delete from private.{table}")


def run(command: str, *arguments: Any, **options: Any) -> str:
    said = io.StringIO()
    call_command(command, *arguments, stdout=said, **options)
    return said.getvalue()


def export(org: Organization, path: Path) -> str:
    return run("export_org", org.slug, to=path)


def erase(org: Organization | UUID, **options: Any) -> str:
    return run("erase_org", org.slug if isinstance(org, Organization) else str(org), yes=True, **options)


def restore(path: Path, **options: Any) -> str:
    return run("restore_org", path, **options)


def stands(org: Organization) -> bool:
    return Organization.objects.filter(pk=org.pk).exists()


def digest_rows(org_id: UUID, database: str = "") -> dict[str, str]:
    """Every table's rows of one organization, without what is secret; not its log, which grows by what is done."""
    with transaction.atomic(), connection.cursor() as cursor:
        begin(cursor, "test")
        tables = read_catalog(cursor).tables
        digests = {}
        for table in tables:
            columns = sql.SQL(", ").join(sql.Identifier(c.name) for c in table.carried)
            cursor.execute(
                sql.SQL("select count(*) || ' ' || coalesce(md5(string_agg(r, ' ' order by r)), '') from"
                        " (select row({})::text from {} where {}) s (r)").format(
                    columns, table.identifier, table.of_org(org_id))
            )  # fmt: skip
            digests[table.label] = cursor.fetchone()[0]
        return digests


def read_log(org_id: UUID) -> list[Any]:
    """The log of an organization in its order, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select l::text from audit_logs l where org_id = %s order by created_at, id",
            [org_id],
        )
        return [row[0] for row in cursor.fetchall()]


def digest_others(org_id: UUID) -> dict[str, str]:
    """Every row of every other organization in the whole database, but for seals: sealing may go on meanwhile."""
    digests = {}
    with login_session() as session:
        for schema, name in session.execute(TABLES).fetchall():
            found = session.execute(
                sql.SQL("select count(*) || ' ' || coalesce(md5(string_agg(t::text, ' ' order by t::text)), '')"
                        " from {} t where org_id not in (%s, %s)").format(sql.Identifier(schema, name)),
                [org_id, NO_ORG],
            ).fetchone()  # fmt: skip
            digests[f"{schema}.{name}"] = found[0] if found else ""
        found = session.execute(
            "select md5(string_agg(o::text, ' ' order by id)) from organizations o where id <> %s", [org_id]
        ).fetchone()
        digests["organizations"] = found[0] if found else ""
    return digests


def seal(org: Organization) -> None:
    """Seal its log at once: sealing itself waits for transactions of other tests."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('tenantry sealing'))")
        cursor.execute("select private.seal_org(%s)", [org.pk])
        assert cursor.fetchone()[0] > 0


def rewrite(path: Path, change: Any) -> Path:
    """The same archive with other files: `change` gets them by name and changes them in place."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target
