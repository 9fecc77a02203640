"""`cutover` closes what was left open for the old application, and rollback opens it again."""

from collections.abc import Iterator

import pytest
from psycopg import errors

from tenants.backfill.errors import PhaseRefused
from tenants.doctor.findings import Level
from tenants.doctor.runner import examine
from tenants.models import Phase
from tests.tenants.backfill.phases.converting import Shop, old_login, shop

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_cutover") as made:
        yield made


def kept_roles() -> list[str]:
    return [f.object for f in examine(["kept_roles"])]


def test_the_old_application_works_before_and_not_after(made: Shop) -> None:
    made.guard()
    with old_login(made.legacy, made.legacy.app) as app, old_login(made.legacy, made.legacy.owner) as owner:
        assert app.execute("select count(*) from old_cutover.notes").fetchone() == (2,)
        made.cut_over()
        assert owner.execute("select count(*) from old_cutover.notes").fetchone() == (0,)
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("select count(*) from old_cutover.notes")
        made.roll_back(Phase.GUARD)
        assert app.execute("select count(*) from old_cutover.notes").fetchone() == (2,)


def test_the_doctor_warns_of_every_kept_role_until_then(made: Shop) -> None:
    made.guard()
    assert f"old_cutover.notes kept role {made.legacy.app}" in kept_roles()
    assert {f.level for f in examine(["kept_roles"])} == {Level.WARNING}
    made.cut_over()
    assert kept_roles() == []
    assert [f for f in examine() if f.level is Level.ERROR] == []


def test_policies_of_the_old_application_go_too(made: Shop) -> None:
    made.run(
        f"create policy own on {{s}}.notes to {made.legacy.app} using (owner_id > 0);"
        " alter table {s}.notes enable row level security"
    )
    made.guard()
    made.cut_over()
    left = made.run("select policyname from pg_policies where schemaname = 'old_cutover'")
    assert all(name.startswith("tenantry_") for (name,) in left)


def test_a_table_that_is_not_guarded_is_refused(made: Shop) -> None:
    made.constrain()
    with pytest.raises(PhaseRefused, match=r"come as far as constrain; first: manage\.py backfill_org_ids guard"):
        made.cut_over()
