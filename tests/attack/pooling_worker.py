"""A web process with many threads and few connections: every thread asks for one organization, then for the other.

Reads from standard input who acts where; writes what crossed and what leaked to standard output.
"""

import contextlib
import json
import os
import sys
import threading
from typing import Any

import django

os.environ["TENANTRY_LOGIN"] = "app"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import DatabaseError, close_old_connections, connection, transaction  # noqa: E402

from tenants.models import OrgMember, Store  # noqa: E402
from tenants.scope import request_scope, service_scope  # noqa: E402

STATE = (
    "select current_user::text, auth_claims()::text, current_setting('request.jwt.claims', true),"
    " (select count(*) from stores), pg_backend_pid()"
)


class Watch:
    """What the threads saw."""

    def __init__(self) -> None:
        self.reads = 0
        self.crossings: list[Any] = []
        self.leaks: list[Any] = []
        self.errors: list[str] = []
        self.backends: set[int] = set()


def read_as(sides: list[dict[str, str]], turn: int, watch: Watch) -> None:
    """One request; every fifth fails inside its scope, every third has another scope inside."""
    side = sides[turn % len(sides)]
    with contextlib.suppress(ZeroDivisionError), request_scope("api", sub=side["person"], org_id=side["org"]):
        seen = {str(org) for org in Store.objects.values_list("org_id", flat=True)}
        watch.reads += 1
        if seen != {side["org"]}:
            watch.crossings.append([side["org"], sorted(seen)])
        if turn % 3 == 0:
            with service_scope("nested"):
                OrgMember.objects.count()
        if turn % 5 == 0:
            raise ZeroDivisionError


def look_around(watch: Watch) -> None:
    """The next user of the connection, who forgot the scope."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STATE)
        role, claims, plain, rows, backend = cursor.fetchone()
    watch.backends.add(backend)
    if (role, claims, plain or "", rows) != ("tenantry_api", None, "", 0):
        watch.leaks.append([role, claims, plain, rows])


def work(number: int, sides: list[dict[str, str]], turns: int, watch: Watch) -> None:
    for turn in range(number, number + turns):
        try:
            read_as(sides, turn, watch)
            look_around(watch)
        except DatabaseError as error:
            watch.errors.append(str(error))
        close_old_connections()
        connection.close()


def main() -> None:
    wanted = json.load(sys.stdin)
    watch = Watch()
    arguments = (wanted["sides"], wanted["turns"], watch)
    threads = [threading.Thread(target=work, args=(n, *arguments)) for n in range(wanted["threads"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({**vars(watch), "backends": len(watch.backends)}, sys.stdout)


main()
