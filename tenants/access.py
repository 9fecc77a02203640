"""Access rules: who may do what with the rows of an org table, named by a model's `access` attribute."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from postgres.roles import API, SERVICE, STAFF
from postgres.rules import Rule

# Every auth_*() call is wrapped in a scalar subselect: evaluated once per query, not once per row.
IN_ORG = "{org} = (select {schema}.auth_org_id())"
IS_ADMIN = "(select {schema}.auth_user_role()) in ('owner', 'admin')"
IS_OWNER = "(select {schema}.auth_user_role()) = 'owner'"
IS_SELF = "user_id = (select {schema}.auth_user_id())"
ON_CONSOLE = "{org} between (select {schema}.auth_org_low()) and (select {schema}.auth_org_high())"
IN_SERVICE = "(select {schema}.auth_surface()) = 'service'"
# A softly deleted row does not exist for clients; services restore it.
NOT_DELETED = "deleted_at is null"
# The DSOs one holds an access row for, as one array per query.
SEES_DSO = "{column} = any ((select private.visible_dsos())::uuid[])"
# An admin neither touches an owner nor makes one.
NOT_ABOVE = f"(role <> 'owner' or {IS_OWNER})"

COMMANDS = ("select", "insert", "update", "delete")


@dataclass(frozen=True)
class Access:
    """Conditions for the API role, beyond being in the organization; None: not at all."""

    select: str | None = "true"
    insert: str | None = IS_ADMIN
    update: str | None = IS_ADMIN
    delete: str | None = IS_ADMIN
    update_columns: tuple[str, ...] = ()
    staff: tuple[str, ...] = COMMANDS
    service: tuple[str, ...] = field(default=())

    def rules(self, org_column: str, *, soft_delete: bool = False) -> Iterator[Rule]:
        """The policies and grants of one table."""
        in_org = f"{IN_ORG} and {NOT_DELETED}" if soft_delete else IN_ORG
        service = (*self.service, *(c for c in ("select", "update") if soft_delete and c not in self.service))
        for command in COMMANDS:
            when = getattr(self, command)
            if when is not None:
                columns = self.update_columns if command == "update" else ()
                yield Rule(API, command, _both(in_org, when, org_column), columns=columns)
        for command in self.staff:
            yield Rule(STAFF, command, ON_CONSOLE.replace("{org}", org_column))
        for command in service:
            yield Rule(SERVICE, command, IN_SERVICE)


def _both(in_org: str, when: str, org_column: str) -> str:
    condition = in_org.replace("{org}", org_column)
    return condition if when == "true" else f"{condition} and {when}"


ACCESS = {
    # Members read, admins and owners write: the default.
    "business": Access(),
    # Every active member reads and writes: what a converted table gets.
    "org": Access(insert="true", update="true", delete="true"),
    "organizations": Access(
        insert=None,
        delete=None,
        update_columns=("name", "slug", "white_label_config"),
        service=COMMANDS,
    ),
    "members": Access(
        insert=f"{IS_ADMIN} and {NOT_ABOVE}",
        update=f"{IS_ADMIN} and {NOT_ABOVE}",
        delete=f"(({IS_ADMIN} and {NOT_ABOVE}) or {IS_SELF})",
        service=COMMANDS,
    ),
    "invitations": Access(
        select=IS_ADMIN,
        insert=f"{IS_ADMIN} and {NOT_ABOVE}",
        update=f"{IS_ADMIN} and {NOT_ABOVE}",
        service=("select", "update"),
    ),
    # Revoked rather than deleted: the log names keys by id.
    "api_keys": Access(select=IS_ADMIN, delete=None, update_columns=("name", "revoked_at")),
    # What the vault and synchronization keep about a connection is theirs to write.
    "integrations": Access(
        insert=f"{IS_ADMIN} and vault_secret_id is null", update_columns=("name", "settings", "status")
    ),
    # Asked for and cancelled by verbs; what comes of it is written by `run_sync`.
    "sync_jobs": Access(
        insert=None, update=None, delete=None, staff=("select",), service=("select", "insert", "update")
    ),
    # Everybody logs their own and sees their own; admins see all.
    "own": Access(select=f"({IS_SELF} or {IS_ADMIN})", insert=IS_SELF, update=None, delete=None),
    # Members see the DSOs they hold an access row for, and the doctors of these.
    "dsos": Access(select=f"({IS_ADMIN} or {SEES_DSO.replace('{column}', 'id')})"),
    "doctors": Access(select=f"({IS_ADMIN} or {SEES_DSO.replace('{column}', 'dso_id')})"),
    # The access review looks for people whom staff of the organization cannot see.
    "dso_access": Access(select=f"({IS_SELF} or {IS_ADMIN})", service=("select",)),
    # Staff's alone: clients neither see what looks wrong nor what was removed.
    "findings": Access(
        select=None,
        insert=None,
        update=None,
        delete=None,
        staff=("select", "update"),
        service=("select", "insert", "update"),
    ),
    "cleanings": Access(
        select=None,
        insert=None,
        update=None,
        delete=None,
        staff=("select", "insert", "update"),
        service=("select", "update"),
    ),
    "workspaces": Access(service=("select", "insert")),
    # What was measured stays as it was measured.
    "metric_events": Access(update=None, delete=None, staff=("select",)),
}

# Conversions concern every organization: only a superuser who works in all of them sees and steers them.
SEES_OPERATIONS = "(select {schema}.auth_all_orgs())"
ASKS_ITSELF = "asked_by = 'user:' || (select {schema}.auth_user_id())"
WATCH = Rule(STAFF, "select", SEES_OPERATIONS)
OPERATIONS_ACCESS: dict[str, tuple[Rule, ...]] = {
    "conversions": (
        WATCH,
        Rule(STAFF, "update", SEES_OPERATIONS, columns=("pause_reason", "paused_by", "paused_at")),
    ),
    "conversion_progress": (WATCH,),
    "doctor_runs": (WATCH,),
    # Asked for from the console; who carries it out writes the rest.
    "conversion_requests": (
        WATCH,
        Rule(STAFF, "insert", f"{SEES_OPERATIONS} and {ASKS_ITSELF} and taken_at is null and finished_at is null"),
    ),
    "conversion_decisions": (
        WATCH,
        Rule(STAFF, "update", SEES_OPERATIONS, columns=("decided_org_id", "decided_by", "decided_at")),
    ),
    # The same for every organization: everybody who is somebody reads them.
    "metric_definitions": (
        Rule(API, "select", "(select {schema}.auth_org_id()) is not null"),
        Rule(STAFF, "select", "(select {schema}.auth_surface()) = 'console'"),
        *(Rule(STAFF, command, SEES_OPERATIONS) for command in ("insert", "update", "delete")),
    ),
}
