"""Looking at the database as a person sees it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from config.scoped_shell import ScopedConsole, build_names, psql_environment
from config.web_address import build_address
from tenants.models import MemberState, Organization, Store
from tests.factories import make_member, make_org, make_store, owner_of

pytestmark = pytest.mark.django_db


def run(person: User, org: Organization, source: str, **options: Any) -> None:
    call_command("scoped_shell", email=person.email, slug=org.slug, code=source, **options)


def test_python_sees_what_the_person_sees(org, other_org, owner, capsys):
    make_store(org, "Ours")
    make_store(other_org, "Theirs")
    run(owner, org, "print(*Store.objects.values_list('name', flat=True), scope.role)")
    assert capsys.readouterr().out == "Ours owner\n"


def test_what_was_changed_is_undone(org, owner):
    make_store(org, "Ours")
    run(owner, org, "Store.objects.update(name='Changed')")
    assert Store.objects.get().name == "Ours"


def test_commit_keeps_what_was_changed(org, owner):
    make_store(org, "Ours")
    run(owner, org, "Store.objects.update(name='Changed')", commit=True)
    assert Store.objects.get().name == "Changed"


def test_an_e_mail_is_found_in_any_case(org, owner):
    call_command("scoped_shell", email=owner.email.upper(), slug=org.slug, code="pass")


def test_an_unknown_person_is_named(org):
    with pytest.raises(CommandError, match="nobody with the e-mail ghost"):
        call_command("scoped_shell", email="ghost@example.org", slug=org.slug, code="pass")


def test_an_unknown_organization_is_named_with_those_there_are(org, owner):
    with pytest.raises(CommandError, match=f"no organization 'ghost'; there is {org.slug}"):
        call_command("scoped_shell", email=owner.email, slug="ghost", code="pass")


def test_who_is_no_member_is_told_of_their_own_organizations(org, owner, other_org, stranger):
    with pytest.raises(CommandError, match=f"no active member of {org.slug}. Try --org {other_org.slug}"):
        run(stranger, org, "pass")


def test_an_inactive_member_is_no_member(org):
    person = make_member(org, state=MemberState.INACTIVE).user
    with pytest.raises(CommandError, match="no active member"):
        run(person, org, "pass")


def test_a_suspended_organization_is_named_as_such(org, owner):
    Organization.objects.filter(pk=org.pk).update(status="suspended")
    with pytest.raises(CommandError, match="is suspended, so nobody works in it"):
        run(owner, org, "pass")


def test_a_disabled_person_is_nobody(org, owner):
    User.objects.filter(pk=owner.pk).update(is_active=False)
    with pytest.raises(CommandError, match="is disabled"):
        run(owner, org, "pass")


def test_a_refused_statement_does_not_end_the_session(org, capsys):
    console = ScopedConsole(build_names())
    console.push("connection.cursor().execute('select 1 / 0')")
    console.push("print(Organization.objects.filter(pk=None).count())")
    told = capsys.readouterr()
    assert "division by zero" in told.err
    assert told.out == "0\n"


@pytest.fixture
def committed(transactional_db: Any) -> Organization:
    org = make_org()
    make_store(org, "Ours")
    make_store(make_org(), "Theirs")
    return org


def manage(org: Organization, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    connection.ensure_connection()
    database = connection.settings_dict
    url = build_address(database["USER"], database["PASSWORD"])
    command = [sys.executable, "manage.py", "scoped_shell", "--as", owner_of(org).email, "--org", org.slug, *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        input=typed,
        timeout=60,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "DATABASE_URL": url, "PSQL_PAGER": ""},
    )


@pytest.mark.django_db(transaction=True)
def test_psql_sees_what_the_person_sees(committed):
    done = manage(committed, "--psql", "-c", "select name, current_user from stores")
    assert done.returncode == 0, done.stderr
    assert "Ours" in done.stdout
    assert "tenantry_api" in done.stdout
    assert "Theirs" not in done.stdout


def test_psql_comes_in_by_the_certificates_of_the_address(db, monkeypatch):
    connection.ensure_connection()
    for name in ("sslmode", "sslrootcert", "sslcert"):
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], name, f"our {name}")
    found = psql_environment()
    assert [found[name] for name in ("PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT")] == [
        "our sslmode",
        "our sslrootcert",
        "our sslcert",
    ]


@pytest.mark.django_db(transaction=True)
def test_psql_undoes_unless_told_to_commit(committed):
    assert manage(committed, "--psql", "-c", "update stores set name = 'Changed'").returncode == 0
    assert not Store.objects.filter(name="Changed").exists()
    assert manage(committed, "--psql", "--commit", "-c", "update stores set name = 'Changed'").returncode == 0
    assert Store.objects.filter(name="Changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_ends_the_transaction_in_psql_is_nobody(committed):
    typed = "select name from stores;\ncommit;\nselect count(*) as left from stores;\n"
    done = manage(committed, "--psql", typed=typed)
    assert done.returncode == 0, done.stderr
    assert "Ours" in done.stdout
    assert done.stdout.split("left")[1].split()[1] == "0"


@pytest.mark.django_db(transaction=True)
def test_an_error_of_psql_is_an_error_of_the_command(committed):
    done = manage(committed, "--psql", "-c", "select * from private.claims_keys")
    assert done.returncode != 0
    assert "permission denied" in done.stderr
    assert "psql ended with an error" in done.stderr


@pytest.mark.django_db(transaction=True)
def test_python_talks_until_it_is_left(committed):
    done = manage(committed, typed="print(Store.objects.get().name)\n")
    assert done.returncode == 0, done.stderr
    assert "Ours" in done.stdout


def test_the_output_stays_free_for_the_code(org, owner, capsys):
    run(owner, org, "pass")
    assert capsys.readouterr().out == ""
