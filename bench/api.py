"""A list of 50 customers over the API, against plain DRF and against a view written by hand; all in one run.

usage: python bench/api.py [ROUNDS [CUSTOMERS]]; on a database of its own, made beside DATABASE_URL's. Every request
runs through the whole of Django with its middleware, in one thread, by turns; what is printed is the median. `nothing`
is a request that signs in and asks for no row: what all of them pay, and what the last column leaves out.
"""

import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
ASKED = {
    "nothing": "/bench/nothing/",
    "ours": "/api/customers/",
    "plain DRF": "/bench/plain/",
    "by hand": "/bench/hand/",
}
BY_HAND = """
select id, org_id, name, email, company, industry, total_revenue, last_purchase_date, status, created_at, updated_at
from customers order by id desc limit 51
"""


def make_plain() -> Any:
    """The same list as most would write it, with DRF's own parts."""
    columns = [c.attname for c in columns_of(Customer)]

    class PlainSerializer(serializers.ModelSerializer):
        class Meta:
            model = Customer
            fields = [c for c in columns if c != "org_id"] + ["org"]

    class Pages(pagination.CursorPagination):
        page_size, ordering = 50, "-id"

    class PlainView(viewsets.ReadOnlyModelViewSet):
        queryset = Customer.objects.all()
        serializer_class, pagination_class = PlainSerializer, Pages
        renderer_classes = (renderers.JSONRenderer,)

        def dispatch(self, request, *args, **kwargs):
            with scope_of(request):
                return super().dispatch(request, *args, **kwargs)

    return PlainView.as_view({"get": "list"})


def list_by_hand(request: Any) -> Any:
    """The same without any parts."""
    with scope_of(request), connection.cursor() as cursor:
        cursor.execute(BY_HAND)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()[:50]]
    return HttpResponse(json.dumps({"results": rows}, default=encode), content_type="application/json")


def do_nothing(request: Any) -> Any:
    """What every request pays."""
    with scope_of(request), connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse(json.dumps({"results": [None] * 50}), content_type="application/json")


def scope_of(request: Any) -> Any:
    return request_scope("api", **read_bearer(request.headers["Authorization"]).claims)


def ask(client: Any, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    took = time.perf_counter() - began
    assert answer.status_code == 200, answer.content
    assert len(json.loads(answer.content)["results"]) == 50
    return took


if __name__ == "__main__":
    django.setup()
    from django.db import connection
    from django.http import HttpResponse
    from django.test import Client
    from django.urls import clear_url_caches, path
    from rest_framework import pagination, renderers, serializers, viewsets

    from accounts.tokens.bearer import read_bearer
    from bench._ground import bench_database
    from bench._turns import read_counts, take_turns
    from config import urls
    from tenants.api.fields import columns_of
    from tenants.api.json import encode
    from tenants.models import Customer
    from tenants.scope import request_scope
    from tests.api.clients import token_for
    from tests.factories import make_org, owner_of

    rounds, customers = read_counts(__doc__, rounds=500, customers=20_000)
    with bench_database("bench_api"):
        org = make_org()
        Customer.objects.bulk_create(Customer(org=org, name=f"customer {n}", email="a@b.c") for n in range(customers))
        with connection.cursor() as cursor:
            # As autovacuum would, a minute later.
            cursor.execute("analyze customers")
        urls.urlpatterns += [
            path("bench/nothing/", do_nothing),
            path("bench/plain/", make_plain()),
            path("bench/hand/", list_by_hand),
        ]
        clear_url_caches()
        client = Client(headers={"Authorization": f"Bearer {token_for(owner_of(org), org)}"})
        medians = take_turns({name: partial(ask, client, address) for name, address in ASKED.items()}, rounds)
    nothing = medians.pop("nothing")
    print(f"{'nothing':10} {nothing * 1000:7.2f} ms")
    for name, seconds in medians.items():
        whole, rows = medians["plain DRF"] / seconds, (medians["plain DRF"] - nothing) / (seconds - nothing)
        print(
            f"{name:10} {seconds * 1000:7.2f} ms {1 / seconds:6.0f} requests/s"
            f" {whole:5.2f} times plain DRF; the rows alone {rows:5.2f} times"
        )
