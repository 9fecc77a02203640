"""Django's own tables: closed like ours, and open to the roles that sign people in and check permissions."""

from accounts.access import ALL_ORGS, FROM_CONSOLE, ON_CONSOLE
from postgres.names import quote
from postgres.roles import SERVICE, STAFF
from postgres.rules import Rule, protect_statements, unprotect_statements
from tenants.access import COMMANDS, IN_SERVICE


def _read(role: str, when: str) -> tuple[Rule, ...]:
    return (Rule(role, "select", when),)


def _change(role: str, when: str, commands: tuple[str, ...] = COMMANDS) -> tuple[Rule, ...]:
    return tuple(Rule(role, command, when) for command in commands)


PERMISSIONS = _read(SERVICE, IN_SERVICE) + _read(STAFF, FROM_CONSOLE)
# Who may do what is a matter of all organizations: only a superuser who works in all of them changes it.
CHANGES = _change(STAFF, ALL_ORGS, ("insert", "update", "delete"))
GRANTS = PERMISSIONS + CHANGES
# Whose they are: seen by staff as the person is.
OF_PEOPLE = _read(SERVICE, IN_SERVICE) + _read(STAFF, ON_CONSOLE.replace("{person}", "user_id")) + CHANGES
FRAMEWORK_RULES: dict[str, tuple[Rule, ...]] = {
    "django_migrations": (),
    "django_admin_log": (),
    "django_content_type": PERMISSIONS,
    "auth_permission": PERMISSIONS,
    "auth_group": GRANTS,
    "auth_group_permissions": GRANTS,
    "users_groups": OF_PEOPLE,
    "users_user_permissions": OF_PEOPLE,
    "django_session": _change(SERVICE, IN_SERVICE),
}


def close_statements() -> list[str]:
    """Protect every table of Django's."""
    return [s for table, rules in FRAMEWORK_RULES.items() for s in protect_statements(quote(table), rules)]


def open_statements() -> list[str]:
    """Leave them as Django made them."""
    return [s for table in FRAMEWORK_RULES for s in unprotect_statements(quote(table))]
