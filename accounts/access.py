"""Who may see and change people: global rows, so decided per person and not per organization."""

from postgres.roles import API, SERVICE, STAFF
from postgres.rules import Rule
from tenants.access import COMMANDS, IN_SERVICE

IS_ME = "{person} = (select {schema}.auth_user_id())"
# One function decides; colleagues in the claims' organization, or everyone for a superuser in "all".
# As an array an index can follow it: a client of a small organization does not walk past everybody else.
SEEN = "{person} = any ((select private.visible_people())::uuid[])"
# Beside an OR no index can, and an array is compared with every row: 190 ms in an organization of 12,000, hashed 6 ms.
SEEN_HASHED = "{person} in (select unnest(private.visible_people()))"
ALL_ORGS = "(select {schema}.auth_all_orgs())"
SUPERUSER = "(select {schema}.auth_is_superuser())"
# The surface is asked as well: SQL injected into an API request may take the staff role, but not its claims.
FROM_CONSOLE = "(select {schema}.auth_surface()) = 'console'"
ON_CONSOLE = f"{FROM_CONSOLE} and ({ALL_ORGS} or {SEEN_HASHED})"

PERSON_ACCESS = {
    # Colleagues' `users` rows are never theirs to read: profiles are.
    "users": (
        Rule(API, "select", IS_ME),
        Rule(STAFF, "select", ON_CONSOLE),
        Rule(STAFF, "insert", ALL_ORGS),
        # A person may be in other organizations too: whoever changes the row reaches into those.
        Rule(STAFF, "update", f"{ON_CONSOLE} and {SUPERUSER}"),
        Rule(STAFF, "delete", ALL_ORGS),
        *(Rule(SERVICE, command, IN_SERVICE) for command in COMMANDS),
    ),
    "profiles": (
        Rule(API, "select", SEEN),
        Rule(API, "update", IS_ME, columns=("full_name", "avatar_url")),
        Rule(STAFF, "select", ON_CONSOLE),
        Rule(STAFF, "update", ON_CONSOLE),
        Rule(SERVICE, "select", IN_SERVICE),
        Rule(SERVICE, "update", IN_SERVICE),
    ),
    "preferences": (
        Rule(API, "select", IS_ME),
        Rule(API, "update", IS_ME),
        # One's own as well: a superuser may work in an organization that they are no member of.
        Rule(STAFF, "select", f"{FROM_CONSOLE} and ({IS_ME} or {ALL_ORGS} or {SEEN_HASHED})"),
        Rule(STAFF, "update", f"{FROM_CONSOLE} and {IS_ME}"),
        Rule(SERVICE, "select", IN_SERVICE),
    ),
    # As Django's own sessions: nobody's to read as rows, only through their verbs.
    "sessions": tuple(Rule(SERVICE, command, IN_SERVICE) for command in COMMANDS),
}


def person_rules(access: str, person_column: str) -> list[Rule]:
    """The rules of a table of people, over the column that names the person."""
    return [
        Rule(r.role, r.command, r.when.replace("{person}", person_column), columns=r.columns)
        for r in PERSON_ACCESS[access]
    ]
