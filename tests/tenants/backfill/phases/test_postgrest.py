"""The lines of docs/converting.md for applications whose login is believed: PostgREST and the like."""

import json
import re
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from accounts.models import User
from tests.databases import ROOT, login_dsn
from tests.factories import org_of
from tests.tenants.backfill.phases.converting import Shop, shop

pytestmark = [pytest.mark.django_db(transaction=True)]
Session = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_rest") as made:
        made.guard()
        made.cut_over()
        yield made


@pytest.fixture
def rest(made: Shop) -> Iterator[Session]:
    """A login that is believed, as the page says; it has no right of its own."""
    database = connection.settings_dict["NAME"]
    login = f"{database}_rest".lower()[-63:]
    page = (ROOT / "docs" / "converting.md").read_text(encoding="utf-8")
    (lines,) = [block for block in re.findall(r"```sql\n(.*?)```", page, re.DOTALL) if "trusted_logins" in block]
    (grant,) = re.findall(r"`(grant tenantry_api to authenticator;)`", page)
    with psycopg.connect(login_dsn(database), autocommit=True) as session:
        session.execute(sql.SQL("create role {} login noinherit").format(sql.Identifier(login)))
        try:
            session.execute(grant.replace("authenticator", sql.Identifier(login).as_string(None)))
            session.execute(lines.replace("authenticator", login))
            with psycopg.connect(login_dsn(database, user=login)) as rest:
                yield rest
        finally:
            session.execute("set role tenantry_owner")
            session.execute("delete from private.trusted_logins where login = %s", [login])
            session.execute("reset role")
            session.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))


def begin(rest: Session, user: User | None) -> Session:
    """As PostgREST begins a request: role and claims, for this transaction only."""
    rest.rollback()
    claims = {"role": "tenantry_api"} | ({"sub": str(user.pk), "org_id": str(org_of(user).pk)} if user else {})
    rest.execute(
        "select set_config('role', 'tenantry_api', true), set_config('request.jwt.claims', %s, true)",
        [json.dumps(claims)],
    )
    return rest


def test_a_request_sees_and_changes_the_rows_of_its_organization_only(made: Shop, rest: Session) -> None:
    for person in (made.us, made.them):
        assert begin(rest, person).execute("select count(*) from old_rest.notes").fetchone() == (1,)
        assert rest.execute("update old_rest.notes set body = 'new'").rowcount == 1
        assert rest.execute("delete from old_rest.order_lines").rowcount == 1


def test_a_request_without_claims_sees_nothing(made: Shop, rest: Session) -> None:
    assert begin(rest, None).execute("select count(*) from old_rest.notes").fetchone() == (0,)


def test_an_insert_may_leave_the_organization_to_the_claims(made: Shop, rest: Session) -> None:
    begin(rest, made.us)
    written = rest.execute("insert into old_rest.notes (body) values ('mine') returning org_id").fetchone()
    assert written == (made.ours.pk,)


def test_an_insert_for_another_organization_is_refused(made: Shop, rest: Session) -> None:
    begin(rest, made.us)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        rest.execute("insert into old_rest.notes (body, org_id) values ('theirs', %s)", [made.theirs.pk])
