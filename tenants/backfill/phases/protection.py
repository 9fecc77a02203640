"""The guard of one relation as statements, and what takes it off again: both put together before anything changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psycopg import sql

from postgres.names import array_literal, fill
from postgres.roles import ALL_ROLES, OWNER
from postgres.rules import protect_statements
from tenants.access import ACCESS
from tenants.backfill.names import TableName
from tenants.backfill.phases.policies import Policy, keep_policies, list_outdated, read_policies
from tenants.backfill.phases.redaction import find_secrets
from tenants.backfill.phases.relations import Relation, fetch_all
from tenants.backfill.phases.rights import PUBLIC, cut_statements, owner_grants, restore_statements
from tenants.guard import GuardedTable, drop_triggers, guard_statements, trigger

KEY = """
select array(select a.attname::text from unnest(x.indkey::int2[]) with ordinality k (n, i)
    join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.n
    where k.i <= x.indnkeyatts order by k.i)
from pg_catalog.pg_index x
where x.indrelid = %s and x.indisvalid and x.indpred is null and x.indexprs is null and x.indisunique
    and (x.indisprimary or not exists (select from unnest(x.indkey::int2[]) k (n)
        join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.n where not a.attnotnull))
order by x.indisprimary desc, x.indnkeyatts, x.indexrelid limit 1
"""


@dataclass(frozen=True)
class Deciding:
    """What a plan says of the roles on one table."""

    keep: tuple[str, ...]
    cut: tuple[str, ...]


def describe_guard(root: Relation) -> GuardedTable:
    """The guard that any other org table has, for one that no model knows."""
    return GuardedTable(
        table=root.text,
        name=root.name,
        logged_as=str(TableName(root.schema, root.name)),
        rules=tuple(ACCESS["org"].rules("org_id")),
        key_column=array_literal(find_key(root)),
        redacted=find_secrets(root),
        touched=False,
    )


def find_key(root: Relation) -> tuple[str, ...]:
    """The columns that tell its rows apart for the log: its primary key, else its smallest unique one; maybe none."""
    rows = fetch_all(KEY, [root.oid])
    return tuple(rows[0][0]) if rows else ()


def protect(root: Relation, relation: Relation, deciding: Deciding) -> list[sql.Composable]:
    """Everything for one relation, in one message; our roles reach partitions only through their parent."""
    found = read_policies(relation)
    ours = guard_statements(describe_guard(root)) if relation == root else protect_partition(root, relation)
    return [
        *(policy.drop(relation) for policy in list_outdated(relation, found)),
        *cut_statements(relation, deciding.cut),
        *(sql.SQL(fill(statement)) for statement in ours),
        *(policy.create(relation) for policy in keep_policies(relation, found, deciding.keep)),
        owner_grants(relation),
    ]


def protect_partition(root: Relation, relation: Relation) -> list[str]:
    """Row triggers come down from the parent; TRUNCATE of a partition is its own affair."""
    logged = describe_guard(root).logged_as
    name = f"log_truncate_{relation.name}"
    return [
        *protect_statements(relation.text, ()),
        drop_triggers(relation.text),
        trigger(name, "after truncate", relation.text, "log_truncate", logged, row=False),
    ]


def unprotect(relation: Relation, deciding: Deciding) -> list[sql.Composable]:
    """What puts a relation back to what it is now, whatever the guard does to it."""
    found = read_policies(relation)
    kept = [*keep_policies(relation, found, deciding.keep), *_our_policies(relation)]
    table = relation.sql
    forced = "force" if relation.forced else "no force"
    switch = "enable" if relation.row_security else "disable"
    return [
        sql.SQL(fill(drop_triggers(relation.text))),
        *(policy.drop(relation) for policy in unique_by_name([*kept, *found])),
        *(policy.create(relation) for policy in found),
        sql.SQL(f"alter table {{}} {forced} row level security").format(table),
        sql.SQL(f"alter table {{}} {switch} row level security").format(table),
        *restore_statements(relation, {*ALL_ROLES, *deciding.cut, PUBLIC}),
    ]


def _our_policies(relation: Relation) -> Iterator[Policy]:
    """By name only: they are dropped."""
    names = [rule.policy_name() for rule in ACCESS["org"].rules("org_id")]
    for name in [*names, f"{OWNER}_all"]:
        yield Policy(name, True, "all", (), None, None)


def unique_by_name(policies: Iterable[Policy]) -> list[Policy]:
    """Each name once."""
    return list({policy.name: policy for policy in policies}.values())
