"""A pause reaches whoever waits as well as whoever works."""

from datetime import timedelta

from django.db import connection

from tenants.backfill.events import Held
from tenants.backfill.fill.run import fill_tables
from tenants.backfill.fill.settings import Limits
from tenants.backfill.steering import pause_conversion
from tests.tenants.backfill.fill.filling import begin_notes, make_settings


def test_a_fill_that_is_held_ends_when_it_is_paused(legacy) -> None:
    conversion = begin_notes(legacy, 10)
    with connection.cursor() as cursor:
        cursor.execute("select localtimestamp")
        now = cursor.fetchone()[0]
    window = ((now + timedelta(hours=2)).time(), (now + timedelta(hours=3)).time())
    held = 0
    for event in fill_tables(conversion, make_settings(limits=Limits(window=window))):
        if isinstance(event, Held) and event.reason:
            held += 1
            assert pause_conversion(conversion, reason="", actor="test") == (held == 1)
    assert held == 1
    assert legacy.run("select count(*) from {s}.notes where org_id is not null") == [(0,)]
