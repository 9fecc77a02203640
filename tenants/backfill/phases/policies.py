"""Policies that stand on a table before its guard, and those that let kept roles work as before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from psycopg import sql

from postgres.names import bound_name
from postgres.roles import ALL_ROLES
from tenants.backfill.phases.relations import Relation, fetch_all, fetch_qualified
from tenants.backfill.phases.rights import PUBLIC, commands_of, role_sql

POLICIES = """
select p.polname, p.polpermissive, case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
        when 'd' then 'delete' else 'all' end,
    array(select case when r = 0 then 'public' else pg_catalog.pg_get_userbyid(r)::text end
        from unnest(p.polroles) r order by 1),
    pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
from pg_catalog.pg_policy p where p.polrelid = %s order by p.polname
"""
IS_MEMBER = "select pg_catalog.pg_has_role(%s::name, %s::name, 'MEMBER')"
KEPT = "kept_"


@dataclass(frozen=True)
class Policy:
    """A policy with all that makes it."""

    name: str
    permissive: bool
    command: str
    roles: tuple[str, ...]
    using: str | None
    check: str | None

    @property
    def ours(self) -> bool:
        return self.name.startswith("tenantry_")

    def create(self, relation: Relation) -> sql.Composable:
        text = "create policy {} on {} as {} for {} to {}"
        statement = sql.SQL(text).format(
            sql.Identifier(self.name),
            relation.sql,
            sql.SQL("permissive" if self.permissive else "restrictive"),
            sql.SQL(self.command),
            sql.SQL(", ").join(map(role_sql, self.roles)),
        )
        if self.using is not None:
            statement += sql.SQL(f" using ({self.using})")
        if self.check is not None:
            statement += sql.SQL(f" with check ({self.check})")
        return statement

    def drop(self, relation: Relation) -> sql.Composable:
        return sql.SQL("drop policy if exists {} on {}").format(sql.Identifier(self.name), relation.sql)


def read_policies(relation: Relation) -> list[Policy]:
    """Those that stand, with names in their expressions written out."""
    return [Policy(n, p, c, tuple(r), u, k) for n, p, c, r, u, k in fetch_qualified(POLICIES, [relation.oid])]


def reaches_us(role: str) -> bool:
    """Whether one of our roles is this one, or may act as it."""
    return role == PUBLIC or any(is_member(ours, role) for ours in ALL_ROLES)


def is_member(member: str, role: str) -> bool:
    """Whether a role has the rights of another."""
    return bool(fetch_all(IS_MEMBER, [member, role])[0][0])


def list_outdated(relation: Relation, found: Iterable[Policy]) -> list[Policy]:
    """Those that must not stand beside ours.

    Permissive ones are ORed: one that reaches our roles would open the table. On a table without row-level security
    they have meant nothing, and must not begin to.
    """
    strangers = [policy for policy in found if not policy.ours]
    if not relation.row_security:
        return strangers
    return [p for p in strangers if any(map(reaches_us, p.roles)) or _binds_free_owner(relation, p)]


def _binds_free_owner(relation: Relation, policy: Policy) -> bool:
    """Whether the owner, whom row-level security has not bound so far, would be restricted by it."""
    return not relation.forced and not policy.permissive and any(_stands_for(relation.owner, r) for r in policy.roles)


def _stands_for(member: str, role: str) -> bool:
    return role == PUBLIC or is_member(member, role)


def keep_policies(relation: Relation, found: list[Policy], keep: Iterable[str]) -> Iterator[Policy]:
    """What lets the kept roles through: everything where nothing held them before, else what did before."""
    bound = []
    for role in sorted(keep):
        if relation.row_security and (relation.forced or role != relation.owner):
            bound.append(role)
        else:
            yield from _open_policies(relation, role)
    for policy in list_outdated(relation, found):
        roles = tuple(role for role in bound if any(_stands_for(role, r) for r in policy.roles))
        if roles and relation.row_security:
            yield replace(policy, name=bound_name(f"{KEPT}{policy.name}"), roles=roles)


def _open_policies(relation: Relation, role: str) -> Iterator[Policy]:
    for command in commands_of(role, relation):
        using = None if command == "insert" else "true"
        check = "true" if command in ("insert", "update") else None
        yield Policy(bound_name(f"{KEPT}{role}_{command}"), True, command, (role,), using, check)
