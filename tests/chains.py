"""A sealed chain and a tombstone of an organization, made by hand."""

from typing import Any

from django.db import connection, transaction


def add_tombstone(side: Any) -> None:
    """As if it had been erased once: without the trigger, which erases only what is gone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("alter table private.audit_erased disable trigger erase_log")
        cursor.execute("insert into private.audit_erased (org_id) values (%s)", [side.org.pk])
        cursor.execute("alter table private.audit_erased enable trigger erase_log")


def add_chain(side: Any) -> None:
    """A chain that begins with a retired link; made by hand: sealing waits for transactions of other workers."""
    with connection.cursor() as cursor:
        cursor.execute("select private.open_seal_cursor()")
        cursor.execute(
            "insert into private.audit_retired (org_id, last_position, first_position, last_hash, month)"
            " values (%s, 1, 1, sha256('retired'), '2020-01-01')",
            [side.org.pk],
        )
        cursor.execute(
            "insert into private.audit_seals (org_id, position, created_at, log_id, digest, hash, sealed_at)"
            " select org_id, 2, created_at, id, digest,"
            " private.link_hash(sha256('retired'), org_id, 2, created_at, id, digest, now()), now()"
            " from private.log_digests where org_id = %s order by created_at, id limit 1",
            [side.org.pk],
        )
        cursor.execute(
            "insert into private.audit_heads (org_id, position, hash, sealed_at)"
            " select org_id, position, hash, sealed_at from private.audit_seals where org_id = %s",
            [side.org.pk],
        )
