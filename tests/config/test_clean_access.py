"""`manage.py clean_access`: the mistake of requirement 0 found, removed and brought back from the shell."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AccessFinding, CleaningBatch, User
from audit.models import AuditLog
from tenants.models import UserDsoAccess
from tests.accounts.review.access import grant, grant_to_stranger, image, make_dso
from tests.factories import make_member, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody_has_signed_in(org, other_org) -> None:
    User.objects.update(last_login=timezone.now())


def run(*arguments: str, **options: Any) -> str:
    said = io.StringIO()
    call_command("clean_access", *arguments, stdout=said, **options)
    return said.getvalue()


def run_json(*arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(*arguments, "--json"))
    return told


@pytest.fixture
def right_rows(org) -> list[UserDsoAccess]:
    """Nine that are as they should be, so that one wrong row is no fifth of all."""
    dso = make_dso(org, "North")
    make_dso(org, "South")
    return [grant(org, make_member(org).user, dso, days_ago=40) for _ in range(9)]


@pytest.fixture
def valentina(org, right_rows) -> UserDsoAccess:
    return grant_to_stranger(org, "valentina@example.org", days_ago=3)


def test_a_dry_run_alone_says_what_every_detector_finds_and_leaves_nothing(valentina) -> None:
    said = run("--dry-run")
    assert "Access without membership          1 found" in said
    assert "Expired                            0 found" in said
    assert AccessFinding.objects.count() == 0


def test_a_dry_run_names_who_loses_what(valentina, org) -> None:
    said = run("--dry-run", "--detector", "no_membership")
    assert f"{org.name}: valentina@example.org: 1 row to go, 0 stay" in said
    assert "Rows: 1 to go." in said
    assert "Nothing was changed." in said
    assert (CleaningBatch.objects.count(), image(valentina) is None) == (0, False)


def test_cleaning_and_undo(valentina, right_rows) -> None:
    before = image(valentina)
    told = run_json("--detector", "no_membership", "--reason", "invite bug")
    assert (told["outcomes"], told["people"][0]["person"]) == ({"removed": 1}, "valentina@example.org")
    assert image(valentina) is None
    assert UserDsoAccess.objects.count() == len(right_rows)
    entry = AuditLog.objects.get(table_name="user_dso_access", action="DELETE")
    assert (str(entry.batch_id), entry.reason, entry.actor) == (told["batch"], "invite bug", "system:clean_access")
    assert "1 restored" in run("--undo", told["batch"])
    assert image(valentina) == before


def test_a_window_and_a_granter_are_a_detector_of_their_own(org, owner, right_rows) -> None:
    wrong = grant(org, make_member(org).user, days_ago=2, granted_by=owner)
    grant(org, make_member(org).user, days_ago=2)
    since = f"{timezone.now() - timedelta(days=3):%Y-%m-%dT%H:%M}"
    run("--since", since, "--granted-by", owner.email, "--reason", "bug")
    assert image(wrong) is None
    assert UserDsoAccess.objects.count() == len(right_rows) + 1


def test_one_organization_alone_is_cleaned(valentina, other_org) -> None:
    theirs = grant_to_stranger(other_org)
    run("--detector", "no_membership", "--org", valentina.org.slug, "--reason", "bug")
    assert (image(valentina) is None, image(theirs) is None) == (True, False)


def test_what_is_warned_of_wants_to_be_confirmed(org) -> None:
    wrong = grant_to_stranger(org)
    said = io.StringIO()
    with pytest.raises(CommandError, match="--despite-warnings"):
        call_command("clean_access", "--detector", "no_membership", "--reason", "bug", stdout=said)
    assert "1 of the 1 access rows" in said.getvalue()
    assert image(wrong) is not None
    assert AccessFinding.objects.count() == 0
    run("--detector", "no_membership", "--reason", "bug", "--despite-warnings")
    assert image(wrong) is None


def test_where_nothing_is_wrong_nothing_goes(right_rows) -> None:
    assert "There is nothing to remove." in run("--detector", "expired", "--reason", "spring")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name what to remove"),
        (["--detector", "expired"], "Say why by --reason"),
        (["--detector", "luck", "--reason", "x"], "no detector 'luck'; there are: no_membership"),
        (["--detector", "granted", "--reason", "x"], "Say when it was granted"),
        (["--since", "yesterday", "--reason", "x"], "'yesterday' is no time"),
        (["--since", "2026-02-30", "--reason", "x"], "'2026-02-30' is no time"),
        (["--granted-by", "nobody@example.org", "--reason", "x"], "nobody with the e-mail"),
        (["--org", "nowhere", "--detector", "expired", "--reason", "x"], "no organization 'nowhere'"),
        (["--undo", "x"], "'x' is no batch"),
        (["--undo", "00000000-0000-0000-0000-00000000dead"], "There is no cleaning"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(arguments, words) -> None:
    make_person()
    with pytest.raises(CommandError, match=words):
        run(*arguments)
