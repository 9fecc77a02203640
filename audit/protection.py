"""What stands on the log and on each of its partitions: who may read it, and that nobody changes it."""

from django.db import models

from postgres.constraints import StatementsConstraint
from postgres.names import quote
from postgres.roles import API, STAFF
from postgres.rules import Rule, protect_statements, unprotect_statements

READERS = (
    Rule(
        API,
        "select",
        "org_id = (select {schema}.auth_org_id()) and (select {schema}.auth_user_role()) in ('owner', 'admin')",
    ),
    Rule(STAFF, "select", "org_id between (select {schema}.auth_org_low()) and (select {schema}.auth_org_high())"),
)
# The owner reads everything and inserts only from inside a trigger; it has no policy to update or delete.
OWNER_POLICIES = (
    "create policy tenantry_owner_select on {table} for select to tenantry_owner using (true)",
    "create policy tenantry_owner_insert on {table} for insert to tenantry_owner with check (pg_trigger_depth() > 0)",
)
# On the log alone: `private.erase_log()` reaches the partitions through it, and they stay closed.
ERASING = "create policy tenantry_owner_delete on {table} for delete to tenantry_owner using (pg_trigger_depth() > 0)"


def protect_log(table: str, *, readers: bool) -> list[str]:
    """Statements for the log (with its readers) or for one of its partitions (without: nobody reads them directly)."""
    return [
        *(s for s in protect_statements(table, READERS if readers else ()) if "tenantry_owner_all" not in s),
        *(policy.replace("{table}", table) for policy in (*OWNER_POLICIES, *([ERASING] if readers else []))),
        f"create or replace trigger refuse_truncate before truncate on {table}"
        " for each statement execute function {schema}.refuse_log_change()",
    ]


class LogProtection(StatementsConstraint):
    """The log's policies, grants and triggers, created with its table."""

    def create_statements(self, model: type[models.Model]) -> list[str]:
        return protect_log(quote(model._meta.db_table), readers=True)

    def remove_statements(self, model: type[models.Model]) -> list[str]:
        table = quote(model._meta.db_table)
        return [*unprotect_statements(table), f"drop trigger if exists refuse_truncate on {table}"]
