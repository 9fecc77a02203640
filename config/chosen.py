"""Whom and what a command names: organizations by their slug, people by their e-mail."""

from difflib import get_close_matches
from uuid import UUID

from django.core.management import CommandError

from accounts.addresses import find_user, read_address
from accounts.models import User
from tenants.models import Organization

SHOWN = 10


def find_org(slug: str, otherwise: str = "") -> Organization:
    """The organization of this slug; `otherwise` says how to do without one."""
    found = Organization.objects.filter(slug=slug).first() if "\0" not in slug else None
    if found is None:
        raise CommandError(f"There is no organization {slug!r}{suggest_slugs(slug)}.{otherwise and f' {otherwise}'}")
    return found


def find_org_id(slug: str | None, otherwise: str) -> UUID | None:
    """Its id, where one was named at all."""
    return find_org(slug, otherwise).pk if slug else None


def find_person(email: str) -> User:
    """Whoever has this e-mail."""
    person = find_user(read_address(email))
    if person is None:
        raise CommandError(
            f"There is nobody with the e-mail {email}."
            ' List people: manage.py shell -c \'print(*User.objects.order_by("email"), sep="\\n")\''
        )
    return person


def suggest_slugs(slug: str) -> str:
    """Those that look like it, else the first few."""
    slugs = list(Organization.objects.order_by("slug").values_list("slug", flat=True))
    close = get_close_matches(slug, slugs, n=3) or slugs[:SHOWN]
    return f"; there {'is' if len(close) == 1 else 'are'} {', '.join(close)}" if close else "; there is none at all"
