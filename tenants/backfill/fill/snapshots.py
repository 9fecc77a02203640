"""Old snapshots: while one is open, no page can be pruned, and HOT passes bring nothing."""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

# Prepared transactions and slots outlive their sessions. A slot's catalog_xmin holds back catalogs only. Who writes in
# another database holds back too: our own snapshots begin at the oldest writer of the whole server.
FIND = """
select 'session ' || pid || coalesce(' (' || nullif(application_name, '') || ')', ''), backend_xmin::text,
    coalesce(' since ' || to_char(xact_start, 'HH24:MI:SS'), ''), false
from pg_catalog.pg_stat_activity
where backend_xmin is not null and pid <> pg_backend_pid()
    and (datname = current_database() or backend_type = 'walsender')
union all
select 'session ' || pid || ' of database ' || datname, backend_xid::text,
    coalesce(' since ' || to_char(xact_start, 'HH24:MI:SS'), ''), true
from pg_catalog.pg_stat_activity where backend_xid is not null and datname <> current_database()
union all
select 'prepared transaction ' || quote_literal(gid), transaction::text, ' since ' || to_char(prepared, 'HH24:MI:SS'),
    database <> current_database()
from pg_catalog.pg_prepared_xacts
union all
select 'replication slot ' || slot_name, xmin::text, '', false
from pg_catalog.pg_replication_slots where xmin is not null
"""


@dataclass(frozen=True)
class Snapshot:
    """Something that keeps old row versions."""

    holder: str
    xmin: str
    since: str
    elsewhere: bool
    """In another database: no reason to wait, for there is no end to them."""

    def __str__(self) -> str:
        return f"{self.holder}{self.since}"


def find_snapshots(db: CursorWrapper) -> set[Snapshot]:
    """Everything that keeps old row versions at this moment; most of it is gone at the next."""
    db.execute(FIND)
    return {Snapshot(*row) for row in db.fetchall()}


def find_stubborn(before: set[Snapshot], now: set[Snapshot]) -> list[Snapshot]:
    """What was there at an earlier look already, with the same horizon."""
    return sorted(before & now, key=str)
