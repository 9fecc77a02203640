"""Files that organizations put down: what cannot be used is named, what is not whole waits, nothing leads elsewhere."""

import os
from uuid import uuid4

import pytest

from audit.models import AuditLog
from tenants.models import MetricEvent, SyncJob
from tenants.vault.credentials import store_credential
from tenants.vault.secrets import Secret
from tests.factories import make_superuser
from tests.tenants.sync.sources import START, lines, make_source, outcome, place_of, sign, sync, table, values

pytestmark = pytest.mark.django_db


FAULTS = {
    "a metric that is not defined": (lines(0, 1).replace("visits", "nowhere"), "no metric nowhere"),
    "a store of nobody": (lines(0, 1, store_id=str(uuid4())), "There is no store"),
    "a time that is over": (lines(0, 1).replace(START.isoformat(), "1999-01-01T00:00:00"), "not those of 1999"),
    "no time": (lines(0, 1).replace(START.isoformat(), "noon"), "a.jsonl, record 1: recorded_at is a time"),
    "no number": (lines(0, 2).replace('"value": 1', '"value": "NaN"'), "a.jsonl, record 2: value is a number"),
    "a number without end": (lines(0, 1).replace('"value": 0', '"value": 1e9999999'), "record 1: value is a number"),
    "no id of a store": (lines(0, 1, store_id="the shop"), "a.jsonl, record 1: store_id is an id of a store, not"),
    "half a character": (lines(0, 1, via="a\ud800"), "a.jsonl, record 1: a dimension holds"),
    "half a character for an id": (lines(0, 1, event_id="a\ud800"), "a.jsonl, record 1: event_id is a text"),
    "a dimension that is no number": (lines(0, 1, via=float("nan")), "a.jsonl, record 1: "),
    "a truth for a number": (lines(0, 1).replace('"value": 0', '"value": true'), "value is a number"),
    "no object": ("[]\n", "a.jsonl, record 1: this is no JSON object"),
    "no JSON": ("{\n", "a.jsonl, record 1: this is no JSON object"),
    "a deep nest": ("[" * 100_000 + "\n", "a.jsonl, record 1: this is no JSON object"),
    "a NUL": (lines(0, 1, via="a\0b"), "a.jsonl, record 1: a dimension holds a NUL"),
    "a NUL for an id": (lines(0, 1, event_id="a\0b"), "event_id is a text"),
    "a huge dimension": (lines(0, 1, via="a" * 5000), "at most 4000"),
    "no bytes of UTF-8": ("\udcff\n", "no JSON object"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_used_is_named_and_what_came_before_stays(fault, org, root):
    text, told = FAULTS[fault]
    connection = make_source(org, root)
    place_of(connection, root, "0.jsonl").write_text(lines(100, 600))
    place_of(connection, root, "a.jsonl").write_bytes(text.encode("utf-8", "surrogateescape"))
    (ended,) = sync()
    assert ended.status == "failed"
    assert told in ended.error
    assert str(root) not in ended.error
    assert values(org) == [*range(100, 700)]
    connection.refresh_from_db()
    assert (connection.status, connection.last_error) == ("error", ended.error)
    place_of(connection, root, "a.jsonl").write_text(lines(0, 1) + " " * len(text.encode("utf-8", "replace")) + "\n")
    assert outcome(sync()) == [("succeeded", 1, 1)]
    connection.refresh_from_db()
    assert (connection.status, connection.last_error) == ("active", "")


def test_a_line_that_is_still_being_written_waits(org, root):
    connection = make_source(org, root)
    whole = lines(0, 3)
    place_of(connection, root, "a.jsonl").write_text(whole[:-20])
    assert outcome(sync()) == [("succeeded", 2, 2)]
    place_of(connection, root, "a.jsonl").write_text(whole.rstrip("\n"))
    assert outcome(sync()) == [("succeeded", 1, 1)]
    assert values(org) == [0, 1, 2]


def test_a_row_that_is_still_being_written_waits_until_its_line_ends_or_nobody_writes(org, root):
    connection = make_source(org, root)
    place = place_of(connection, root, "a.csv")
    place.write_text(table(0, 3).removesuffix("or\n"))
    assert outcome(sync()) == [("succeeded", 2, 2)]
    place.write_text(table(0, 4).removesuffix("\n"))
    assert outcome(sync()) == [("succeeded", 1, 1)]
    assert list(MetricEvent.objects.filter(org=org).values_list("dimensions__via", flat=True)) == ["door"] * 3
    os.utime(place, (START.timestamp(), START.timestamp()))
    assert outcome(sync()) == [("succeeded", 1, 1)]
    assert values(org) == [0, 1, 2, 3]
    assert outcome(sync()) == [("succeeded", 0, 0)]


@pytest.mark.parametrize("wanted", ["../{other}/shop", "/etc", "link", "..", ["a"], 7, "nowhere"])
def test_no_setting_leads_out_of_the_organizations_folder(wanted, org, other_org, root):
    theirs = make_source(other_org, root)
    place_of(theirs, root, "a.jsonl").write_text(lines(0, 5))
    mine = make_source(org, root)
    (root / str(org.pk) / "link").symlink_to(root / str(other_org.pk) / "shop")
    mine.settings = {"folder": wanted.replace("{other}", str(other_org.pk)) if isinstance(wanted, str) else wanted}
    mine.save()
    mine_ended = [e for e in sync() if e.job.org_id == org.pk]
    assert outcome(mine_ended) in ([("failed", 0, 0)], [("succeeded", 0, 0)])
    assert values(org) == []


def test_links_hidden_files_and_other_files_are_left_alone(org, root):
    connection = make_source(org, root)
    place_of(connection, root, "a.txt").write_text(lines(0, 1))
    place_of(connection, root, ".a.jsonl").write_text(lines(1, 1))
    place_of(connection, root, "b.jsonl").symlink_to("/etc/passwd")
    os.mkfifo(place_of(connection, root, "c.jsonl"))
    assert outcome(sync()) == [("succeeded", 0, 0)]


def test_a_signed_folder_takes_only_what_the_credential_signed(org, root):
    connection = make_source(org, root, signed=True)
    place = place_of(connection, root, "a.jsonl")
    place.write_text(lines(0, 3))
    assert "not signed by the credential" in sync()[0].error
    store_credential(connection, Secret("shared with the sender"), actor=make_superuser())
    assert "not signed by the credential" in sync()[0].error
    sign(place, "something else")
    assert "not signed by the credential" in sync()[0].error
    sign(place, "shared with the sender")
    assert outcome(sync()) == [("succeeded", 3, 3)]
    reads = AuditLog.objects.filter(action="credential_read", org_id=org.pk)
    job = SyncJob.objects.filter(org=org).latest("started_at")
    assert f"sync job {job.pk}" in [(row.new_data or {})["purpose"] for row in reads]
