"""`export_org`, `erase_org`, `restore_org`: an organization comes back as it was, and nobody else notices."""

import json
import zipfile
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import DatabaseError, connection

from audit.heads import export_heads
from audit.models import NO_ORG, AuditLog
from config.org_archive.container import hash_file
from tenants.models import ApiKey, Customer, IntegrationConnection, Organization, OrgMember
from tests.config.org_archive.moving import (
    digest_others,
    digest_rows,
    erase,
    export,
    read_log,
    restore,
    run,
    seal,
    stands,
)
from tests.factories import make_person, org_of


def details_of(entry: AuditLog) -> dict[str, Any]:
    return entry.new_data or {}


def test_what_comes_back_after_erasure_is_what_was_exported(sides, archive):
    org, seal_rows = sides[0].org, digest_rows(sides[0].org.pk)
    log = read_log(org.pk)
    assert all(not digest.startswith("0 ") for digest in seal_rows.values()), "a table without a row proves nothing"
    export(org, archive)
    erase(org)
    assert not stands(org)
    said = restore(archive)
    assert digest_rows(org.pk) == seal_rows
    assert read_log(org.pk)[: len(log)] == log
    assert f"{org.slug} is back" in said


def test_the_log_is_whole_at_every_step(sides, archive, tmp_path):
    org = sides[0].org
    seal(org)
    with connection.cursor() as cursor:
        export_heads(cursor, tmp_path / "heads")
    run("verify_audit", heads=tmp_path / "heads")
    export(org, archive)
    for step in (lambda: erase(org), lambda: restore(archive)):
        step()
        assert "whole" in run("verify_audit", heads=tmp_path / "heads")
    seal(org)
    with connection.cursor() as cursor:
        export_heads(cursor, tmp_path / "heads")
    run("verify_audit", heads=tmp_path / "heads")


def test_an_archive_comes_back_after_its_log_went_on_and_was_sealed(sides, archive):
    """The tombstone tells of a longer chain than the archive holds: of the part that both know."""
    org, rows = sides[0].org, digest_rows(sides[0].org.pk)
    seal(org)
    export(org, archive)
    Customer.objects.filter(org=org).update(email="later@example.org")
    seal(org)
    erase(org)
    restore(archive)
    assert digest_rows(org.pk) == rows
    seal(org)
    erase(org)
    restore(archive)
    assert digest_rows(org.pk) == rows
    run("verify_audit")


def test_an_archive_whose_log_was_not_sealed_comes_back_a_second_time(sides, archive):
    """The first time sealed it, and the second seals it anew: the hash that was printed shows that it is no other."""
    org, rows = sides[0].org, digest_rows(sides[0].org.pk)
    export(org, archive)
    erase(org)
    restore(archive)
    erase(org)
    with pytest.raises(CommandError, match="--sha256 with the hash that export_org printed"):
        restore(archive)
    assert not stands(org)
    restore(archive, sha256=hash_file(archive))
    assert digest_rows(org.pk) == rows
    run("verify_audit")


def test_every_other_organization_stays_byte_for_byte_what_it_was(sides, archive):
    org = sides[0].org
    others = digest_others(org.pk)
    export(org, archive)
    erase(org)
    assert digest_others(org.pk) == others
    restore(archive)
    assert digest_others(org.pk) == others


def test_two_exports_of_the_same_rows_are_the_same_bytes(sides, archive, tmp_path):
    org = sides[0].org
    export(org, archive)
    erase(org)
    restore(archive)
    again = tmp_path / "again.zip"
    export(org, again)
    with zipfile.ZipFile(archive) as first, zipfile.ZipFile(again) as second:
        tables = [name for name in first.namelist() if name.startswith("tables/")]
        assert len(tables) > 10
        assert [first.read(name) for name in tables] == [second.read(name) for name in tables]
        assert [i.date_time for i in second.infolist()] == [i.date_time for i in first.infolist()]


def test_secrets_stay_behind_and_what_comes_back_opens_nothing(sides, archive):
    org = sides[0].org
    secret = ApiKey.objects.get(org=org).secret_hash
    said = export(org, archive)
    left_out = said.partition("Left out, being secret: ")[2]
    assert "api_keys.secret_hash" in left_out
    assert "invitations.token_hash" in left_out
    assert "integration_connections.vault_secret_id" in left_out
    with zipfile.ZipFile(archive) as file:
        assert not any(secret.encode() in file.read(name) for name in file.namelist())
        assert not any(sides[0].owner.password.encode() in file.read(name) for name in file.namelist())
    erase(org)
    restore(archive)
    assert len(ApiKey.objects.get(org=org).secret_hash) == 64
    assert ApiKey.objects.get(org=org).secret_hash != secret
    connected = IntegrationConnection.objects.get(org=org)
    assert (connected.vault_secret_id, connected.credential_last_four, connected.credential_set_at) == (None, "", None)


def test_the_log_says_that_it_left_and_that_it_came_back(sides, archive):
    org = sides[0].org
    said = export(org, archive)
    left = AuditLog.objects.get(org_id=org.pk, action="organization.exported")
    assert details_of(left)["sha256"] in said
    erase(org)
    restore(archive)
    back = AuditLog.objects.get(org_id=org.pk, action="organization.restored")
    assert details_of(back)["sha256"] == details_of(left)["sha256"]
    rows = AuditLog.objects.filter(org_id=org.pk, transaction_id=back.transaction_id, action="INSERT")
    assert {row.actor for row in rows} == {"system:restore_org"}
    assert rows.filter(table_name="org_members").count() == OrgMember.objects.filter(org=org).count()


def test_an_organization_that_was_purged_finds_its_log_where_it_stayed(sides, archive):
    org, rows = sides[0].org, digest_rows(sides[0].org.pk)
    export(org, archive)
    with connection.cursor() as cursor:
        cursor.execute("update organizations set status = 'deleting', deleting_since = now() where id = %s", [org.pk])
        cursor.execute("delete from organizations where id = %s", [org.pk])
    log = read_log(org.pk)
    assert "had stayed here" in restore(archive)
    assert digest_rows(org.pk) == rows
    assert read_log(org.pk)[: len(log)] == log
    seal(org)
    run("verify_audit", org=org.slug)


def test_it_is_written_over_neither_itself_nor_another_of_its_name(sides, archive):
    org = sides[0].org
    export(org, archive)
    with pytest.raises(CommandError, match=r"this organization is here, as .*it is not written over"):
        restore(archive)
    erase(org)
    person = make_person()
    Organization.objects.filter(pk=org_of(person).pk).update(slug=org.slug)
    with pytest.raises(CommandError, match="--slug NEW"):
        restore(archive)
    restore(archive, slug="another-name")
    assert Organization.objects.get(pk=org.pk).slug == "another-name"


def test_a_dry_run_restores_everything_and_takes_it_back(sides, archive):
    org = sides[0].org
    export(org, archive)
    erase(org)
    before = digest_others(org.pk)
    assert "This was a dry run" in restore(archive, dry_run=True)
    assert not stands(org)
    assert digest_others(org.pk) == before
    assert not AuditLog.objects.filter(org_id=org.pk).exists()


def test_a_file_that_is_there_is_not_written_over(sides, archive):
    archive.write_text("precious")
    with pytest.raises(CommandError, match="is there already: name another file"):
        export(sides[0].org, archive)
    assert archive.read_text() == "precious"
    with pytest.raises(CommandError, match="there is no organization 'nobody'"):
        run("export_org", "nobody", to=archive.with_name("b.zip"))
    assert [p.name for p in archive.parent.iterdir()] == [archive.name], "no unfinished file is left"


class TestErasure:
    def test_the_proof_counts_every_column_that_could_hold_its_id(self, sides):
        org = sides[0].org
        dry = json.loads(run("erase_org", org.slug, dry_run=True, json=True))
        assert stands(org)
        assert {"audit_logs.org_id", "users.active_org_id", "private.audit_seals.org_id"} <= dry["rows"].keys()
        assert dry["rows"]["org_members.org_id"] == OrgMember.objects.filter(org=org).count()
        proof = json.loads(erase(org, json=True))
        assert proof["clean"]
        assert proof["left"].keys() == dry["rows"].keys()
        assert set(proof["left"].values()) == {0}

    def test_the_tombstone_names_nobody_and_says_how_much_went(self, sides):
        org = sides[0].org
        members = OrgMember.objects.filter(org=org).count()
        erase(org, reason="contract ended")
        tombstone = AuditLog.objects.get(action="organization.erased", record_id=str(org.pk))
        assert (tombstone.org_id, tombstone.record_id) == (NO_ORG, str(org.pk))
        assert details_of(tombstone)["rows"]["org_members"] == members
        assert details_of(tombstone)["log_rows"] > members
        assert tombstone.reason == "contract ended"
        assert org.slug not in json.dumps(tombstone.new_data)

    def test_it_goes_only_when_its_name_is_typed(self, sides, monkeypatch):
        org = sides[0].org
        monkeypatch.setattr("builtins.input", lambda question: "something else")
        with pytest.raises(CommandError, match="the name was not typed"):
            run("erase_org", org.slug)
        assert stands(org)
        monkeypatch.setattr("builtins.input", lambda question: org.slug)
        run("erase_org", org.slug)
        assert not stands(org)

    def test_people_stay_and_forget_where_they_were(self, sides):
        org, owner = sides[0].org, sides[0].owner
        type(owner).objects.filter(pk=owner.pk).update(app_metadata={"org_id": str(org.pk), "theme": 1}, active_org=org)
        erase(org)
        owner.refresh_from_db()
        assert (owner.active_org_id, owner.app_metadata) == (None, {"theme": 1})

    def test_nothing_that_is_not_there_is_erased(self, sides):
        for name in ("nobody", "00000000-0000-0000-0000-000000000000", "0b7a1f3c-0000-4000-8000-000000000000"):
            with pytest.raises(CommandError, match="there is no organization"):
                erase_name(name)
        with pytest.raises(CommandError, match="this organization stands, as"):
            erase_name(str(sides[0].org.pk))

    def test_the_log_of_an_organization_that_stands_cannot_be_erased_by_hand(self, sides):
        with connection.cursor() as cursor:
            for org_id in (sides[0].org.pk, NO_ORG):
                with pytest.raises(DatabaseError, match="that stands is not erased"):
                    cursor.execute("insert into private.audit_erased (org_id) values (%s)", [org_id])
            with pytest.raises(DatabaseError, match="come back with their organization only"):
                cursor.execute(
                    "insert into private.restored_log (org_id, id) values (%s, gen_random_uuid())", [sides[0].org.pk]
                )


def erase_name(name: str) -> str:
    return run("erase_org", name, yes=True)


def test_the_totals_of_customers_are_not_counted_twice(sides, archive):
    org = sides[0].org
    totals = list(Customer.objects.filter(org=org).order_by("pk").values_list("total_revenue", flat=True))
    assert max(totals) > 13
    export(org, archive)
    erase(org)
    restore(archive)
    assert list(Customer.objects.filter(org=org).order_by("pk").values_list("total_revenue", flat=True)) == totals
