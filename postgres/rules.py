"""Who may do what to the rows of a table: policies and grants as data; the caller fills `{schema}`."""

from collections.abc import Iterable
from dataclasses import dataclass

from postgres.names import literal, quote
from postgres.roles import ALL_ROLES, OWNER

# Runs for our own policies only: an old application's policies on the same table are the conversion's business.
DROP_POLICIES = """do $rules$ declare p name; begin
for p in select polname from pg_catalog.pg_policy
    where polrelid = {regclass}::regclass and starts_with(polname, 'tenantry_')
loop execute pg_catalog.format('drop policy %I on %s', p, {regclass}::regclass); end loop; end $rules$"""


@dataclass(frozen=True)
class Rule:
    """One policy and the grant that goes with it; `when` is a condition on the row, `columns` narrows the grant."""

    role: str
    command: str
    when: str
    check: str = ""
    columns: tuple[str, ...] = ()

    def policy_name(self) -> str:
        return f"{self.role}_{self.command}"

    def clauses(self) -> str:
        check = self.check or self.when
        match self.command:
            case "select" | "delete":
                return f"using ({self.when})"
            case "insert":
                return f"with check ({check})"
            case _:
                return f"using ({self.when}) with check ({check})"

    def statements(self, table: str) -> list[str]:
        columns = f" ({', '.join(map(quote, self.columns))})" if self.columns else ""
        policy = f"create policy {quote(self.policy_name())} on {table} for {self.command} to {quote(self.role)}"
        return [
            f"{policy} {self.clauses()}",
            f"grant {self.command}{columns} on {table} to {quote(self.role)}",
        ]


def drop_policies(table: str) -> str:
    """Drop every policy of ours on a table."""
    return DROP_POLICIES.replace("{regclass}", literal(table))


def owner_policy(table: str) -> str:
    """FORCE binds the owner too; this is its way in, and nobody else's."""
    return f"create policy tenantry_owner_all on {table} to {OWNER} using (true) with check (true)"


def protect_statements(table: str, rules: Iterable[Rule]) -> list[str]:
    """Close a (quoted, qualified) table to everyone, then open what the rules say."""
    statements = [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"revoke all on table {table} from public, {', '.join(r for r in ALL_ROLES if r != OWNER)}",
        drop_policies(table),
        owner_policy(table),
    ]
    for rule in rules:
        statements += rule.statements(table)
    return statements


def unprotect_statements(table: str) -> list[str]:
    """Take our policies and grants away; whoever does this is about to drop the table or to protect it anew."""
    return [
        drop_policies(table),
        f"revoke all on table {table} from {', '.join(r for r in ALL_ROLES if r != OWNER)}",
        f"alter table {table} no force row level security",
        f"alter table {table} disable row level security",
    ]
