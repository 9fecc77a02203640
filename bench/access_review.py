"""The access review with 100,000 findings: seconds to look, and milliseconds to page, filter, preview, apply and undo.

usage: python bench/access_review.py [FINDINGS]; in a database of its own beside DATABASE_URL's.
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
# One big organization and many small ones, with strangers in all of them, and a tenth of everybody's rows expired.
ROWS = """
create temp table o as select g as n, new_id() as id from generate_series(1, 200) g;
insert into organizations (id, slug, name) select id, 'review-' || n, 'Review ' || n from o;
create temp table u as select g as n, new_id() as id from generate_series(1, {rows}) g;
insert into users (id, email, last_login) select id, 'person' || n || '@review.test', now() from u;
create temp table d as select o.id as org_id, o.n as org_n, new_id() as id, g as n from o, generate_series(1, 10) g;
insert into dsos (id, org_id, name, name_lower) select id, org_id, 'DSO ' || n, 'dso ' || n from d;
insert into user_dso_access (id, org_id, user_id, dso_id, granted_at, expires_at)
select new_id(), d.org_id, u.id, d.id, now() - u.n % 300 * interval '1 day',
    case when u.n % 10 = 0 then now() - interval '1 day' end
from u join d on d.org_n = case when u.n % 2 = 0 then 1 else 1 + u.n % 200 end and d.n = 1 + u.n % 10;
analyze;
"""


@contextmanager
def measured(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"{what:<46}{(time.perf_counter() - started) * 1000:>10,.0f} ms", flush=True)


def fill(database: str, rows: int) -> None:
    """Without triggers: people would be given organizations."""
    with silent_session(database) as session:
        session.execute(ROWS.replace("{rows}", str(rows)))


def measure(root: User) -> None:
    for again in ("first look, every organization", "second look, nothing new"):
        with measured(again), transaction.atomic(), staff_scope(root.pk, all_orgs=True):
            look_for_findings(actor=root)
    with connection.cursor() as cursor:
        cursor.execute("analyze access_findings")
    findings = AccessFinding.objects.count()
    print(f"{findings:,} findings")
    # Of fewer findings the smaller list ends before the two hundredth page.
    deep = max(1, min(199, findings // 200))
    client = WebClient()
    for where, org in (("all", None), ("the big one", Organization.objects.get(slug="review-1"))):
        User.objects.filter(pk=root.pk).update(console_org=org)
        client.force_login(root)
        client.get("/admin/")
        for query in ("", "?detector=expired", "?q=person99", "?state=accepted", f"?p={deep}"):
            with measured(f"list {query} ({where})"):
                assert client.get(f"/admin/accounts/accessfinding/{query}").status_code == 200
    clean(client)


def clean(client: WebClient) -> None:
    """All of a filter, through the pages."""
    first = AccessFinding.objects.filter(detector="no_membership", org__slug="review-1").values_list("pk", flat=True)[0]
    sent = {"action": "clean", "index": 0, "_selected_action": [first], "select_across": 1}
    with measured("preview all of a filter"):
        answer = client.post("/admin/accounts/accessfinding/?detector=no_membership", sent)
    page = answer["Location"]
    print(f"{CleaningRow.objects.count():,} rows planned")
    with measured("the preview's page"):
        assert client.get(page).status_code == 200
    for deed in ("apply", "undo"):
        before = UserDsoAccess.objects.count()
        with measured(deed):
            client.post(f"{page}{deed}/", {"reason": "bench", "read": "on"})
        print(f"{abs(UserDsoAccess.objects.count() - before):,} rows")
    with measured("evidence as CSV"):
        client.get(f"{page}rows.csv")


if __name__ == "__main__":
    django.setup()
    from django.db import connection, transaction

    from accounts.models import AccessFinding, CleaningRow, User
    from accounts.review.looking import look_for_findings
    from bench._ground import bench_database, prepare_pages, silent_session
    from bench._turns import read_counts
    from tenants.models import Organization, UserDsoAccess
    from tenants.scope import staff_scope
    from tests.clients import WebClient
    from tests.factories import make_superuser

    (findings,) = read_counts(__doc__, findings=100_000)
    prepare_pages()
    with bench_database("bench_review") as name:
        fill(name, findings)
        measure(make_superuser(email="root@review.test"))
