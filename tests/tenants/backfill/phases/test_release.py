"""`release` ends what stood in for writers who name no organization, and can be taken back."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError

from tenants.backfill.errors import PhaseRefused
from tenants.backfill.plan.model import read_route
from tenants.doctor.findings import Level
from tenants.doctor.runner import examine
from tenants.models import Conversion, ConversionState, Phase
from tests.tenants.backfill.phases.converting import ROUTES, Shop, shop

pytestmark = [pytest.mark.django_db(transaction=True)]
FUNCTIONS = (
    "select count(*) from pg_proc where pronamespace = 'private'::regnamespace and proname ~ '^(fill_org_id|org_of)_'"
)


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_release") as made:
        yield made


def test_the_fill_ends_and_the_conversion_is_released(made: Shop) -> None:
    made.guard()
    made.cut_over()
    made.release()
    assert Conversion.objects.latest("number").state == ConversionState.RELEASED
    assert made.run(FUNCTIONS) == [(0,)]
    with pytest.raises(IntegrityError, match="org_id"):
        made.run("insert into {s}.notes (owner_id) values (%s)", [made.people[0]])
    made.run("insert into {s}.notes (org_id) values (%s)", [made.ours.pk])
    assert [f for f in examine() if f.level is Level.ERROR] == []


def test_it_is_refused_while_the_old_application_may_still_write(made: Shop) -> None:
    made.guard()
    with pytest.raises(PhaseRefused, match=rf"{made.legacy.app}.* knows no organizations; first: .* cutover"):
        made.release()


def test_the_default_of_a_table_that_went_to_one_org_goes(transactional_db: None) -> None:
    with shop("old_release", {**ROUTES, "notes": "org:nobody"}) as made:
        made.decide_table("notes", route=read_route(f"org:{made.ours.slug}"))
        made.guard()
        made.cut_over()
        made.release()
        with pytest.raises(IntegrityError, match="org_id"):
            made.run("insert into {s}.notes (body) values ('new')")
        made.roll_back(Phase.CUTOVER)
        made.run("insert into {s}.notes (body) values ('new')")
        assert made.run("select org_id from {s}.notes where body = 'new'") == [(made.ours.pk,)]


def test_rollback_fills_again(made: Shop) -> None:
    made.guard()
    before = made.run(FUNCTIONS)
    made.cut_over()
    made.release()
    made.roll_back(Phase.GUARD)
    assert made.run(FUNCTIONS) == before
    made.legacy.run_as_app("insert into {s}.notes (owner_id, body) values (%s, 'new')", [made.people[1]])
    assert made.run("select org_id from {s}.notes where body = 'new'") == [(made.theirs.pk,)]
    assert [f for f in examine() if f.level is Level.ERROR] == []
