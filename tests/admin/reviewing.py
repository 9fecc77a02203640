"""How the tests of the access review press its buttons."""

from django.contrib.auth.models import Permission

from tests.accounts.review.access import finding_ids
from tests.admin.conftest import sign_in
from tests.factories import make_member, make_staff

LISTED = "/admin/accounts/accessfinding/"
LOOK = f"{LISTED}look/"


def act(client, action, ids=(), *, across=False, query="", **more):
    sent = {"action": action, "index": 0, "_selected_action": list(ids), "select_across": int(across), **more}
    return client.post(f"{LISTED}{query}", sent)


def preview(client, ids=None) -> str:
    """The address of the preview that the action leads to."""
    answer = act(client, "clean", ids or finding_ids())
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def text(answer) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def make_reader(org, *permissions):
    """Staff of the organization with these permissions alone."""
    person = make_staff()
    make_member(org, user=person, role="admin")
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return sign_in(person)
