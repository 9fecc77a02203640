"""Several people review at the same moment, each on a connection of their own: every row goes once, nobody hangs."""

from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import AccessFinding, User
from accounts.review.cleaning import apply_cleaning
from accounts.review.looking import look_for_findings
from accounts.review.undo import undo_cleaning
from tenants.errors import Conflict
from tenants.models import UserDsoAccess
from tests.accounts.review.access import grant_to_stranger, image, outcomes, preview
from tests.factories import make_org
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows():
    org, _ = make_org(), make_org()
    User.objects.update(last_login=timezone.now())
    return [grant_to_stranger(org, f"p{n}@example.org") for n in range(8)]


def applying(batch_id):
    return partial(apply_cleaning, batch_id, reason="race", despite_warnings=True)


def preview_committed():
    with transaction.atomic():
        return preview("no_membership")


def test_one_preview_is_applied_once_however_often_it_is_sent(rows) -> None:
    batch_id = preview_committed()
    answers = run_at_once([applying(batch_id)] * 4)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 3 + ["NoneType"]
    assert set(outcomes(batch_id).values()) == {"removed"}
    answers = run_at_once([partial(undo_cleaning, batch_id)] * 3)
    assert [isinstance(answer, Conflict) for answer in answers].count(False) == 1
    assert all(image(row) is not None for row in rows)


def test_two_cleanings_and_a_look_of_the_same_rows_remove_each_once(rows) -> None:
    batches = [preview_committed() for _ in range(3)]
    answers = run_at_once([*map(applying, batches), look_for_findings, look_for_findings])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    became = [outcome for batch_id in batches for outcome in outcomes(batch_id).values()]
    assert (became.count("removed"), became.count("gone")) == (len(rows), 2 * len(rows))
    assert UserDsoAccess.objects.count() == 0
    assert set(AccessFinding.objects.values_list("state", flat=True)) == {"closed"}
