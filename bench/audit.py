"""Logging every change: Tenantry's triggers against no log, and against the libraries that Django projects use.

usage: python bench/audit.py [ROUNDS]; on a database of its own, made beside DATABASE_URL's. The libraries come with
`make setup-bench`; one that is absent is left out, and said so. All write the same rows to tables of the same shape, in
transactions that are undone.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "bench.audited.settings"
SAVES, MANY = 20, 200
TRIGGER = """
create trigger audit_tenantry after insert or update or delete on audited_tenantry for each row
    execute function audit_trigger_function('audited_tenantry', 'id', 'org_id', '{}')
"""


def make_rows(model: Any, count: int) -> list[Any]:
    return [model(org_id=ORG, name=f"customer {n}", email="a@b.c") for n in range(count)]


def insert(model: Any) -> None:
    for row in make_rows(model, SAVES):
        row.save(force_insert=True)


def save(model: Any) -> None:
    for row in model._default_manager.all()[:SAVES]:
        row.name += "x"
        row.save()


def bulk_create(model: Any) -> None:
    model._default_manager.bulk_create(make_rows(model, MANY))


def queryset_update(model: Any) -> None:
    model._default_manager.update(company="Other")


def raw_update(model: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"update {model._meta.db_table} set status = 'churned'")


def queryset_delete(model: Any) -> None:
    model._default_manager.all().delete()


WORKS: dict[str, tuple[Callable[[Any], None], int]] = {
    "save of a new row": (insert, SAVES),
    "save of a changed row": (save, SAVES),
    "bulk_create": (bulk_create, MANY),
    "queryset.update": (queryset_update, MANY),
    "raw UPDATE": (raw_update, MANY),
    "queryset.delete": (queryset_delete, MANY),
}


def count_logged(way: str, model: Any) -> int:
    """How many rows this way of logging has written."""
    if way == "Tenantry":
        return int(AuditLog.objects.filter(table_name=model._meta.db_table).count())
    if way == "django-simple-history":
        return int(model.history.count())
    named = {"django-auditlog": ("auditlog", "LogEntry"), "django-pghistory": ("audited", "PghistoryEvent")}
    return int(apps.get_model(*named[way])._default_manager.count()) if way in named else 0


def try_once(way: str, model: Any, work: Callable[[Any], None], clock: Any, logged: dict[str, int]) -> float:
    """One piece of work as an owner of an organization, with verified claims, undone afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select private.enter_scope(%s)", [sign_ticket(CLAIMS)])
        before = count_logged(way, model) if way not in logged else 0
        took: float = clock.time(lambda: work(model))
        if way not in logged:
            logged[way] = count_logged(way, model) - before
        transaction.set_rollback(True)
    return took


def make_tables() -> None:
    for app in set(FOUND) & {"auditlog", "pghistory"}:
        call_command("migrate", app, verbosity=0)
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("audited").get_models():
            editor.create_model(model)
    with connection.cursor() as cursor:
        cursor.execute(TRIGGER)
    if "pghistory" in FOUND:
        import_module("pgtrigger").install(database="default")
    for model in WAYS.values():
        model._default_manager.bulk_create(make_rows(model, MANY))


def main(rounds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid(), current_setting('server_version')")
        backend, version = cursor.fetchone()
    clock = Clock(backend, client=True)
    rows = []
    for name, (work, count) in WORKS.items():
        logged: dict[str, int] = {}
        cases = {way: partial(try_once, way, model, work, clock, logged) for way, model in WAYS.items()}
        medians = take_turns(cases, rounds, warm_up=3)
        for way, seconds in medians.items():
            ratio, told = f"{seconds / medians['nothing']:.2f}x", f"{logged[way]} of {count}"
            rows.append([name, way, micro(seconds / count), ratio, "-" if way == "nothing" else told])
    print(describe_machine(version))
    title = f"Log, {clock.name} of client and server for each row, median of {rounds}"
    print_table(title, ["change", "logged by", "per row", "against no log", "rows logged"], rows)
    absent = [package for module, package in LIBRARIES.items() if module not in FOUND]
    if absent:
        print(f"Left out, because they are not installed: {', '.join(absent)}. See the usage of this bench.")


if __name__ == "__main__":
    django.setup()
    from functools import partial
    from importlib import import_module

    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection, transaction

    from audit.claims import sign_ticket
    from audit.models import AuditLog
    from bench._ground import bench_database
    from bench._turns import Clock, describe_machine, micro, print_table, read_counts, take_turns
    from bench.audited.models import WAYS
    from bench.audited.settings import FOUND, LIBRARIES
    from tests.factories import make_person, org_of

    (rounds,) = read_counts(__doc__, rounds=15)
    with bench_database("bench_audit_ways"):
        person = make_person()
        ORG = org_of(person).pk
        CLAIMS = {"sub": str(person.pk), "org_id": str(ORG), "surface": "api"}
        make_tables()
        main(rounds)
