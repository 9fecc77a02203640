"""Every address of the console, by every method, for everybody it is not for, with another organization's ids in it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import CleaningBatch, User
from audit.models import AuditLog
from tenants.models import MemberState, Organization, OrgMember
from tenants.registry import org_models
from tests.admin.conftest import make_operator, sign_in
from tests.admin.test_pages import make_world, visible_row
from tests.clients import WebClient
from tests.factories import make_member, make_org, make_staff, owner_of

pytestmark = pytest.mark.django_db
# Converters as <uuid:id>; a pattern that is a regular expression has (?P<id>…).
PLACE = re.compile(r"(?<!\?P)<(?:\w+:)?(\w+)>")
OF_MODEL = re.compile(r"^admin/(\w+)/(\w+)/")
# Whose session ends with them is nobody afterwards; what is behind every other address is a pattern of its own.
LEFT_OUT = {"logout", "console-end-sessions", "app_list", None}
NAME = "Xylophone Quorum"
# Of what is downloaded.
KINDS = ("csv", "json", "jsonl")
METHODS = ("GET", "POST", "PUT", "DELETE")


@dataclass(frozen=True)
class Address:
    """One address with everything filled in, and the rows that its body may name."""

    name: str
    path: str
    chosen: tuple[str, ...]


@pytest.fixture
def theirs() -> Organization:
    """Another organization, with a row of each kind."""
    org = make_org()
    Organization.objects.filter(pk=org.pk).update(name=NAME)
    org.refresh_from_db()
    make_world(org)
    return org


@pytest.fixture
def ours() -> Organization:
    org = make_org()
    make_world(org)
    return org


def walk(resolver: Any, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for pattern in resolver.url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.name


def addresses(org: Organization, left_out: Collection[str | None] = LEFT_OUT) -> list[Address]:
    """All that the URLconf has below /admin/, with that organization's ids."""
    found = []
    for route, name in walk(get_resolver()):
        if route.startswith("admin/") and name not in left_out:
            row = row_of(route, org)
            for kind in KINDS if "kind>" in route else [""]:
                path = fill_in(route, {**fill_values(row, org), "kind": kind})
                found.append(Address(str(name), f"/{path}", (str(row.pk),) if row else ()))
    return found


def fill_in(route: str, values: dict[str, str]) -> str:
    return PLACE.sub(lambda place: values[place[1]], route)


def row_of(route: str, org: Organization) -> Any:
    match = OF_MODEL.match(route)
    if match is None or match[1] not in ("tenants", "accounts", "audit", "auth"):
        return None
    return visible_row(apps.get_model(match[1], match[2]), org)


def fill_values(row: Any, org: Organization) -> dict[str, str]:
    return {
        "object_id": str(row.pk if row else org.pk),
        "id": str(row.pk if row else org.pk),
        "content_type_id": "1",
        "member_id": str(org.members.latest("created_at").pk),
        "session_id": str(org.pk),
        "batch_id": str(CleaningBatch.objects.filter(org=org).latest("created_at").batch_id),
    }


def forge_body(address: Address, org: Organization, action: str = "") -> dict[str, Any]:
    """Whatever a form of ours may ask for, answered with what is theirs."""
    member = org.members.latest("created_at")
    return {
        **dict.fromkeys(("post", "apply", "confirm", "confirmed", "despite_warnings", "decide"), "yes"),
        **dict.fromkeys(("reason", "name", "secret", "credential", "email", "q"), "forged"),
        **{name: str(org.pk) for name in ("org", "organization", "console_org")},
        **{name: str(member.user_id) for name in ("user", "person", "owner", "new_owner")},
        "member": str(member.pk),
        "role": "owner",
        "state": MemberState.INACTIVE,
        "do": "pause",
        "way": "org",
        "action": action,
        "select_across": "1",
        "_selected_action": list(address.chosen),
    }


def actions_of(address: Address) -> list[str]:
    """The actions of a list, each of which takes rows; elsewhere one round is enough."""
    match = OF_MODEL.match(address.path.lstrip("/"))
    if match is None or not address.name.endswith("_changelist"):
        return [""]
    registered: Any = admin.site._registry[apps.get_model(match[1], match[2])]
    names = [action if isinstance(action, str) else action.__name__ for action in registered.actions or ()]
    return ["delete_selected", *names]


def digest(org: Organization) -> dict[str, Any]:
    """Every row of an organization, its people and how long its log is."""
    rows: dict[str, Any] = {
        model._meta.label: sorted(map(str, model._default_manager.filter(org=org).values())) for model in org_models()
    }
    people = User.objects.filter(memberships__org=org).order_by("pk")
    rows["people"] = list(people.values("pk", "email", "is_active", "password", "console_org", "active_org"))
    rows["org"] = Organization.objects.filter(pk=org.pk).values().get()
    rows["log"] = AuditLog.objects.filter(org_id=org.pk).count()
    return rows


def actors(ours: Organization) -> dict[str, WebClient]:
    bare = make_staff(email="bare@example.org")
    make_member(ours, user=bare)
    return {
        "nobody": WebClient(),
        "customer": sign_in(make_member(ours, "owner").user),
        "staff without permissions": sign_in(bare),
        "operator": sign_in(make_operator(ours, email="operator@example.org")),
    }


def send(client: WebClient, method: str, address: Address, org: Organization) -> Iterator[Any]:
    if method == "POST":
        for action in actions_of(address):
            yield client.post(address.path, forge_body(address, org, action))
    elif method == "GET":
        yield client.get(address.path)
        # Filters, and what somebody writes behind an address by hand.
        yield client.get(address.path, {**forge_body(address, org), "org__id__exact": str(org.pk), "e": "forged"})
    else:
        yield client.generic(method, address.path)


@pytest.mark.parametrize("actor", ["nobody", "customer", "staff without permissions", "operator"])
def test_no_address_shows_or_changes_what_is_another_organizations(actor: str, ours: Any, theirs: Any) -> None:
    client, found = actors(ours)[actor], addresses(theirs)
    before, secrets = digest(theirs), [NAME, owner_of(theirs).email, theirs.slug]
    for address in found:
        for method in METHODS:
            for answer in send(client, method, address, theirs):
                said = b"".join(answer) if answer.streaming else answer.content
                assert answer.status_code < 500, (method, address)
                shown = [secret for secret in secrets if secret.encode() in said]
                assert not shown, (method, address, shown)
    after = digest(theirs)
    assert {kind for kind in before if before[kind] != after[kind]} == set()
    assert not User.objects.filter(console_org=theirs).exists()
    assert OrgMember.objects.filter(org=theirs).count() == len(before["tenants.OrgMember"])


@pytest.mark.parametrize("actor", ["nobody", "customer"])
def test_who_is_no_staff_is_shown_the_sign_in_and_nothing_of_any_organization(actor: str, ours: Any) -> None:
    client = actors(ours)[actor]
    before, names = digest(ours), [ours.name, ours.slug]
    for address in addresses(ours):
        for method in METHODS:
            for answer in send(client, method, address, ours):
                assert answer.status_code in (200, 302, 403, 404, 405), (method, address)
                if answer.status_code == 200:
                    assert address.name in ("login", "jsi18n"), (method, address)
                assert not [name for name in names if name.encode() in answer.content], (method, address)
    after = digest(ours)
    assert {kind for kind in before if before[kind] != after[kind]} == set()


def test_the_addresses_are_all_there_are(theirs: Organization) -> None:
    """A new one is met by itself; one that cannot be filled in fails here."""
    found = addresses(theirs)
    assert len(found) > 150
    assert not [address for address in found if "<" in address.path]
    assert {"tenants_conversion_steer", "accounts_cleaningbatch_apply", "console-act-as"} <= {a.name for a in found}
