"""The organization that clinic rows from before organizations come to, with its owner and admins."""

import logging
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from postgres.names import literal
from tenants.clinic.catalog import fetch_all, has_rows

log = logging.getLogger(__name__)
SLUG, NAME = "TENANTRY_DEFAULT_ORG_SLUG", "TENANTRY_DEFAULT_ORG_NAME"
OWNER_EMAIL, ADMIN_EMAILS = "TENANTRY_DEFAULT_ORG_OWNER_EMAIL", "TENANTRY_DEFAULT_ORG_ADMIN_EMAILS"
INSERT_PERSON = "insert into users (email) values ({})"


class DefaultOrgUnknown(RuntimeError):
    """Rows wait for an organization, and the settings do not say which; nothing was changed."""


def default_slug() -> str:
    return str(settings.TENANTRY_DEFAULT_ORG_SLUG)


def seed_default_org(apps: Any, schema_editor: Any) -> None:
    """Make the organization unless it is there, then its owner and admins; safe to run again."""
    waiting = has_rows()
    problems = _find_problems()
    if problems and waiting:
        raise DefaultOrgUnknown(
            "dsos, doctors or user_dso_access have rows that need an organization; nothing was changed.\n* "
            + "\n* ".join(problems)
            + "\nThen run `manage.py migrate` again."
        )
    if problems:
        if default_slug():
            log.warning("There are no clinic rows to convert; the default organization waits: %s", "; ".join(problems))
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('tenantry.job', 'tenants.0010_default_org', true)")
        _insert_org(cursor)
        _insert_people(cursor)


def _find_problems() -> list[str]:
    slug = default_slug()
    if not slug:
        return [f"set {SLUG} to the slug of the organization they belong to"]
    problems = []
    if not fetch_all("select from organizations where slug = %s", slug):
        for name in (NAME, OWNER_EMAIL):
            if not getattr(settings, name):
                problems.append(f'there is no organization "{slug}": set {name} as well, and it is made')
    for email in _emails():
        if not fetch_all("select from users where email_lower = lower(%s)", email):
            problems.append(
                f"nobody has the e-mail {email} of {OWNER_EMAIL} or {ADMIN_EMAILS}: correct it, or make the"
                f" person in psql: {INSERT_PERSON.format(literal(email))}"
            )
    return problems


def _emails() -> list[str]:
    emails = [settings.TENANTRY_DEFAULT_ORG_OWNER_EMAIL, *settings.TENANTRY_DEFAULT_ORG_ADMIN_EMAILS]
    return [email.strip() for email in emails if email.strip()]


def _insert_org(cursor: Any) -> None:
    slug = default_slug()
    cursor.execute(
        "insert into organizations (slug, name, created_by_id) select %s, %s, (select id from users"
        " where email_lower = lower(%s)) where not exists (select from organizations where slug = %s)"
        " on conflict do nothing returning id",
        [slug, settings.TENANTRY_DEFAULT_ORG_NAME, settings.TENANTRY_DEFAULT_ORG_OWNER_EMAIL, slug],
    )
    if made := cursor.fetchone():
        cursor.execute("insert into workspaces (org_id, name) values (%s, 'Main')", made)
    cursor.execute("select from organizations where slug = %s", [slug])
    if cursor.fetchone() is None:
        raise DefaultOrgUnknown(
            f'The organization "{slug}" could not be made: another slug looks like it. Set {SLUG} to another one.'
            " Nothing was changed."
        )


def _insert_people(cursor: Any) -> None:
    """Whoever is a member already keeps the role and state they have."""
    for role, emails in (
        ("owner", [settings.TENANTRY_DEFAULT_ORG_OWNER_EMAIL]),
        ("admin", settings.TENANTRY_DEFAULT_ORG_ADMIN_EMAILS),
    ):
        for email in emails:
            person = [email.strip()]
            cursor.execute(
                "insert into org_members (org_id, user_id, role, state, joined_at)"
                " select o.id, u.id, %s, 'active', now() from organizations o, users u"
                " where o.slug = %s and u.email_lower = lower(%s) on conflict (org_id, user_id) do nothing",
                [role, default_slug(), *person],
            )
            cursor.execute(
                "insert into user_profiles (user_id, email) select id, email from users"
                " where email_lower = lower(%s) on conflict (user_id) do nothing",
                person,
            )
