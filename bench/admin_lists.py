"""The console's lists on big tables: milliseconds per page, and how many times an indexed list's first page that is.

usage: python bench/admin_lists.py [ROWS]; ROWS in each business table and five times as many in the log, in a database
of its own beside DATABASE_URL's. BENCH_KEEP=name keeps that database, and measures it again when it is there;
BENCH_ONLY=overview measures the pages whose name begins so. What the overview remembers is forgotten before each look.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# A list that the primary key serves in its own order: what the others are compared to.
YARDSTICK = ("store", "first page")
SLOW_MS = 300.0
MONTHS = 13


def fill(database: str, rows: int) -> None:
    """Five million rows of the log are no writer's to make."""
    call_command("migrate", verbosity=0)
    text = (ROOT / "bench" / "admin_rows.sql").read_text().replace("{rows}", str(rows))
    with silent_session(database) as session:
        with owner_session(database) as owner, owner.transaction():
            start = date.today().replace(day=1) - timedelta(days=365)
            make_months(owner.cursor(), LOG, start, MONTHS)
        session.execute(text)
        session.execute("vacuum analyze")
        session.execute("checkpoint")


def people() -> dict[str, WebClient]:
    """A superuser in all organizations, one in the biggest, and staff of a small one."""
    orgs = {name: Organization.objects.get(name=name) for name in ("Scale 1", "Scale 7")}
    root = person("root@scale.test", is_superuser=True)
    within = person("within@scale.test", is_superuser=True)
    staff = person("staff@scale.test")
    User.objects.filter(pk=within.pk).update(console_org=orgs["Scale 1"])
    staff.user_permissions.set(Permission.objects.all())
    if not staff.memberships.exists():
        OrgMember.objects.create(org=orgs["Scale 7"], user=staff, role="admin", joined_at=timezone.now())
    found = {"all organizations": root, "big organization": within, "small organization": staff}
    return {name: signed_in(who) for name, who in found.items()}


def person(email: str, **fields: bool) -> User:
    return User.objects.filter(email_lower=email).first() or User.objects.create(email=email, is_staff=True, **fields)


def signed_in(who: User) -> WebClient:
    client = WebClient()
    client.force_login(who)
    return client


def pages_of(screen: ModelAdmin, client: WebClient) -> Iterator[tuple[str, str]]:
    """The pages of one list: by name, and the address that asks for them."""
    name = f"admin:{screen.opts.app_label}_{screen.opts.model_name}"
    listed = reverse(f"{name}_changelist")
    yield "first page", listed
    answer = client.get(listed)
    changelist = answer.context["cl"]
    yield "last page", f"{listed}?p={changelist.paginator.num_pages}"
    for wanted in ("zzz-nothing", "customer 77"):
        if screen.search_fields:
            yield f"search {wanted}", f"{listed}?q={wanted}"
    for spec in changelist.filter_specs:
        choices = list(spec.choices(changelist))
        for choice in (*choices[1:3], *choices[-1:]):
            yield f"filter {spec.title}={choice['display']}", f"{listed}{choice['query_string']}"
    for number, shown in enumerate(changelist.list_display[1:], 1):
        if changelist.get_ordering_field(shown) and shown in changelist.sortable_by:
            yield f"order by {shown}", f"{listed}?o={number}"
            yield f"order by -{shown}", f"{listed}?o=-{number}"
    row = next(iter(changelist.result_list), None)
    if row is not None:
        for page in ("change", "history", "delete"):
            yield page, reverse(f"{name}_{page}", args=[row.pk])


def measure(client: WebClient, address: str) -> tuple[float, int]:
    """The better of two, where that may matter."""
    took, status = [], 0
    for _ in range(2):
        cache.clear()
        started = time.perf_counter()
        status = client.get(address).status_code
        took.append((time.perf_counter() - started) * 1000)
        if not SLOW_MS / 2 < took[-1] < 5 * SLOW_MS:
            break
    return min(took), status


def autocompletes() -> Iterator[tuple[str, str]]:
    for screen in admin.site._registry.values():
        for field in screen.autocomplete_fields:
            asked = f"app_label={screen.opts.app_label}&model_name={screen.opts.model_name}&field_name={field}"
            yield f"{screen.opts.model_name}.{field}", f"/admin/autocomplete/?{asked}&term="


def main() -> int:
    slow, yardstick = 0, 0.0
    for who, client in people().items():
        print(f"\n{who}")
        client.get("/admin/")
        lists = sorted(admin.site._registry.values(), key=lambda s: s.opts.model_name != YARDSTICK[0])
        addresses = [(s.opts.model_name, *page) for s in lists for page in pages_of(s, client)]
        addresses += [("autocomplete", f"{n} {t}", a + t) for n, a in autocompletes() for t in ("", "customer 7")]
        addresses.append(("overview", "", "/admin/"))
        for name, page, address in addresses:
            if (name, page) != YARDSTICK and not str(name).startswith(os.environ.get("BENCH_ONLY", "")):
                continue
            took, status = measure(client, address)
            if (name, page) == YARDSTICK:
                yardstick = took
            slow += took > SLOW_MS
            mark = " SLOW" if took > SLOW_MS else "" if status == 200 else f" {status}"
            print(f"{name:>14} {page:<46} {took:>9.1f} ms {took / yardstick:>7.1f}x{mark}", flush=True)
    print(f"\n{slow} page{'' if slow == 1 else 's'} took more than {SLOW_MS:.0f} ms")
    return slow


@contextmanager
def list_database(rows: int) -> Iterator[None]:
    """A database with the rows; a kept one is filled once."""
    kept = os.environ.get("BENCH_KEEP")
    if not kept:
        with scratch_database("bench_lists") as database, django_on(database):
            fill(database, rows)
            yield
        return
    with login_session("postgres") as session:
        there = session.execute("select 1 from pg_database where datname = %s", [kept]).fetchone()
        if not there:
            session.execute(sql.SQL("create database {}").format(sql.Identifier(kept)))
    with django_on(kept):
        if not there:
            fill(kept, rows)
        yield


if __name__ == "__main__":
    django.setup()
    from datetime import date, timedelta

    from django.contrib import admin
    from django.contrib.admin import ModelAdmin
    from django.contrib.auth.models import Permission
    from django.core.cache import cache
    from django.core.management import call_command
    from django.urls import reverse
    from django.utils import timezone
    from psycopg import sql

    from accounts.models import User
    from audit.partitions import LOG
    from bench._ground import prepare_pages, silent_session
    from bench._turns import read_counts
    from postgres.partitions import make_months
    from tenants.models import Organization, OrgMember
    from tests.clients import WebClient
    from tests.databases import django_on, login_session, owner_session, scratch_database

    (rows,) = read_counts(__doc__, rows=100_000)
    prepare_pages()
    with list_database(rows):
        started = time.monotonic()
        main()
        print(f"measured in {time.monotonic() - started:.0f} s")
