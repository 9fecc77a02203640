"""Whoever has the web login and no claims of the database's own making sees and changes nothing, in any role."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from audit import claims as tickets
from postgres.roles import ALL_ROLES, API, BATCH, OWNER, SERVICE, STAFF
from tests.attack.commands import is_refused, read_row, statements
from tests.weblogins import WebSession, web_session
from tests.worlds import Table, Worlds, read_tables

pytestmark = pytest.mark.django_db
SECRETS = ("secret", "@example.org", "login_", "person")
Attack = Callable[[WebSession, Worlds], None]


def forged(claims: Any, seal: str = "") -> Attack:
    """Claims that anyone can write into the settings."""

    def set_them(session: WebSession, worlds: Worlds) -> None:
        value = claims(worlds) if callable(claims) else claims
        text = value if isinstance(value, str) else json.dumps(value)
        settings = {"request.jwt.claims": text, "request.jwt.signature": seal}
        for name, setting in settings.items():
            session.run("select set_config(%s, %s, true)", [name, setting])

    return set_them


def capture(session: WebSession, worlds: Worlds, surface: str) -> tuple[str, str]:
    """Claims and signature of a real scope, as SQL injected into it would read them."""
    if surface == "service":
        session.enter("service", reason="session")
    elif surface == "console":
        session.enter("console", sub=worlds.superuser.pk, all_orgs=True)
    else:
        session.enter("api", sub=worlds.theirs.owner.pk, org_id=worlds.theirs.org.pk)
    names = "current_setting('request.jwt.claims'), current_setting('request.jwt.signature')"
    claims, seal = session.run(f"select {names}")[0]
    assert claims
    assert seal
    return claims, seal


def replayed_later(surface: str) -> Attack:
    """The same backend, one transaction on."""

    def replay(session: WebSession, worlds: Worlds) -> None:
        claims, seal = capture(session, worlds, surface)
        session.rollback()
        forged(claims, seal)(session, worlds)

    return replay


def replayed_elsewhere(surface: str) -> Attack:
    """Another backend, while the transaction they were made for is still open."""

    def replay(session: WebSession, worlds: Worlds) -> None:
        with web_session(worlds.url) as other:
            claims, seal = capture(other, worlds, surface)
            forged(claims, seal)(session, worlds)

    return replay


def as_their_owner(worlds: Worlds) -> dict[str, Any]:
    return {
        "sub": str(worlds.theirs.owner.pk),
        "org_id": str(worlds.theirs.org.pk),
        "user_role": "owner",
        "surface": "api",
    }


def as_superuser(worlds: Worlds) -> dict[str, Any]:
    return {"sub": str(worlds.superuser.pk), "all_orgs": True, "surface": "console"}


ATTACKS: dict[str, Attack] = {
    "no claims": lambda session, worlds: None,
    "empty claims": forged(""),
    "broken JSON": forged("{"),
    "a list": forged([1]),
    "a string": forged('"owner"'),
    "null": forged("null"),
    "bottomless JSON": forged("[" * 20000),
    "claims without a signature": forged(as_their_owner),
    "claims with a signature made up": forged(as_their_owner, "00" * 32),
    "console claims made up": forged(as_superuser, "00" * 32),
    "service claims made up": forged({"surface": "service", "reason": "x"}, "00" * 32),
    "api claims of the transaction before": replayed_later("api"),
    "console claims of the transaction before": replayed_later("console"),
    "service claims of the transaction before": replayed_later("service"),
    "api claims of another backend": replayed_elsewhere("api"),
    "console claims of another backend": replayed_elsewhere("console"),
    "service claims of another backend": replayed_elsewhere("service"),
}


@pytest.fixture(scope="module")
def everything(worlds: Worlds) -> list[tuple[Table, str, str, list[Any]]]:
    """Every command on every table, with a foreign row to insert."""
    return [
        (table, command, statement, values)
        for table in read_tables()
        for command, statement, values in statements(table, read_row(table, worlds.ours, worlds.theirs))
    ]


@pytest.fixture
def session(worlds: Worlds) -> Iterator[WebSession]:
    with web_session(worlds.url) as session:
        yield session


@pytest.mark.parametrize("role", [API, STAFF, SERVICE, "none"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_is_seen_or_changed(attack, role, session, worlds, everything):
    ATTACKS[attack](session, worlds)
    session.run("select set_config('role', %s, true)", [role])
    for table, command, statement, values in everything:
        outcome = session.attempt(statement, values)
        nothing = outcome.nothing or (command == "insert" and is_refused(table, outcome))
        assert nothing, f"{command} on {table.label} as {role} with {attack}: {outcome}"
        # The name of a table is no secret, even of one that is named after what it keeps.
        told = outcome.words().lower().replace(table.name, "")
        assert not any(secret in told for secret in SECRETS), f"{command} on {table.label} tells: {told}"


@pytest.mark.parametrize("role", [OWNER, BATCH, "pg_read_all_data", "postgres"])
def test_other_roles_cannot_be_taken(role, session):
    assert session.attempt("select set_config('role', %s, true)", [role]).refused or role == "postgres"
    assert session.attempt(f"set role {role}").error
    assert session.attempt(f"set session authorization {role}").error


def test_a_web_login_begins_as_the_api_role_and_comes_back_to_it(session):
    assert session.one("select current_user") == API
    session.run(f"set role {STAFF}")
    session.run("reset role")
    assert session.one("select current_user") == API


def test_the_roles_of_the_web_login_give_nothing_before_they_are_taken(session):
    session.run("set local role none")
    held = {r: session.one("select pg_has_role(current_user, %s, 'USAGE')", [r]) for r in ALL_ROLES}
    assert not any(held.values())


def refusal(session: WebSession, ticket: str) -> str:
    outcome = session.attempt("select private.enter_scope(%s)", [ticket])
    assert outcome.error, "the ticket was believed"
    return outcome.words()


def test_an_expired_ticket_is_refused(session, worlds, monkeypatch):
    monkeypatch.setattr(tickets, "TICKET_SECONDS", -1)
    assert "expired" in refusal(session, tickets.sign_ticket(as_their_owner(worlds)))


def test_an_edited_ticket_is_refused(session, worlds):
    ours = {"sub": str(worlds.ours.owner.pk), "org_id": str(worlds.ours.org.pk), "surface": "api"}
    ticket = tickets.sign_ticket(ours)
    edited = ticket.replace(str(worlds.ours.org.pk), str(worlds.theirs.org.pk))
    assert edited != ticket
    assert "not signed" in refusal(session, edited)
    seal, _, payload = ticket.partition(".")
    later = json.dumps({**json.loads(payload), "exp": int(time.time()) + 10**6}, separators=(",", ":"))
    assert "not signed" in refusal(session, f"{seal}.{later}")


@pytest.mark.parametrize("ticket", ["", ".", ".{}", "x", "0" * 64 + ".{}", "'; drop table users; --"])
def test_what_is_no_ticket_is_refused(ticket, session):
    assert "not signed" in refusal(session, ticket)


def test_a_ticket_of_another_key_is_refused(session, worlds, settings):
    settings.TENANTRY_CLAIMS_KEY = "a key of somebody else"
    assert "not signed" in refusal(session, tickets.sign_ticket(as_their_owner(worlds)))


def test_a_seal_of_claims_is_no_ticket(session, worlds):
    """Both are signed with one key; a prefix keeps them apart."""
    claims, seal = capture(session, worlds, "service")
    session.rollback()
    assert "not signed" in refusal(session, f"{seal}.{claims}")
