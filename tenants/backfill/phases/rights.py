"""Who may do what with a table today, and the SQL that takes rights away and gives them back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psycopg import sql

from postgres.roles import ALL_ROLES, OWNER
from tenants.backfill.phases.relations import Relation, fetch_all

PUBLIC = "public"
COMMANDS = ("select", "insert", "update", "delete")
GRANTS = """
select case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end, lower(a.privilege_type),
    a.attname, a.is_grantable, pg_catalog.pg_get_userbyid(a.grantor)
from (
    select a.*, ''::name as attname from pg_catalog.pg_class c,
        pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) a where c.oid = %s
    union all
    select a.*, t.attname from pg_catalog.pg_attribute t, pg_catalog.aclexplode(t.attacl) a
    where t.attrelid = %s and not t.attisdropped
) a
order by 1, 2, 3
"""


@dataclass(frozen=True)
class Right:
    """One privilege of one role (`public` for PUBLIC) on a table, or on one of its columns."""

    role: str
    privilege: str
    column: str
    grantable: bool
    grantor: str

    def give(self, relation: Relation) -> sql.Composable:
        column = sql.SQL(" ({})").format(sql.Identifier(self.column)) if self.column else sql.SQL("")
        option = sql.SQL(" with grant option" if self.grantable else "")
        return sql.SQL("grant {}{} on table {} to {}{}").format(
            sql.SQL(self.privilege), column, relation.sql, role_sql(self.role), option
        )


def read_rights(relation: Relation) -> list[Right]:
    """Everybody's, the owner's too."""
    return [Right(*row) for row in fetch_all(GRANTS, [relation.oid, relation.oid])]


def role_sql(role: str) -> sql.Composable:
    """A role's name for SQL; PUBLIC is no name."""
    return sql.SQL("public") if role == PUBLIC else sql.Identifier(role)


def holders(relations: Iterable[Relation]) -> dict[str, set[str]]:
    """Every role but ours that owns one of these tables or holds a right on it, and which."""
    found: dict[str, set[str]] = {}
    for relation in relations:
        found.setdefault(relation.owner, set())
        for right in read_rights(relation):
            found.setdefault(right.role, set()).add(right.privilege)
    return {role: rights for role, rights in found.items() if role not in ALL_ROLES}


def commands_of(role: str, relation: Relation) -> list[str]:
    """The commands that row-level security has to let through for a role to work as before."""
    held = {right.privilege for right in read_rights(relation) if right.role == role}
    return [command for command in COMMANDS if command in held]


def cut_statements(relation: Relation, cut: Iterable[str]) -> Iterator[sql.Composable]:
    """Take the rights of the cut roles and of PUBLIC; who had rights from one of them gets them from the owner.

    The owner keeps its own: foreign keys are checked with them. Without a policy it sees no row.
    """
    rights = [right for right in read_rights(relation) if right.role != relation.owner]
    gone = {PUBLIC, *cut} - {relation.owner}
    givers = {right.grantor for right in rights} - {relation.owner}
    for role in sorted((gone | givers) & {right.role for right in rights}):
        # Its columns' too, and what it has passed on.
        yield sql.SQL("revoke all on table {} from {} cascade").format(relation.sql, role_sql(role))
    for right in rights:
        passed = right.role in givers or right.grantor in (gone | givers)
        if passed and right.role not in gone and right.role not in ALL_ROLES:
            yield right.give(relation)


def restore_statements(relation: Relation, changed: Iterable[str]) -> Iterator[sql.Composable]:
    """What gives everybody back what they have now, whatever is done meanwhile to the roles that are changed."""
    rights = [right for right in read_rights(relation) if right.role != relation.owner]
    for role in sorted({*changed} - {relation.owner}):
        yield if_role(role, sql.SQL("revoke all on table {} from {} cascade").format(relation.sql, role_sql(role)))
    for right in rights:
        yield if_role(right.role, right.give(relation))


def if_role(role: str, statement: sql.Composable) -> sql.Composable:
    """The statement, unless its role is gone."""
    if role == PUBLIC:
        return statement
    body = sql.SQL("begin if pg_catalog.to_regrole({}) is not null then {}; end if; end").format(
        sql.Literal(sql.Identifier(role).as_string(None)), statement
    )
    return sql.SQL("do {}").format(sql.Literal(body.as_string(None)))


def owner_grants(relation: Relation) -> sql.Composable:
    """Our owner role works on every table, whoever owns it: proofs, exports, erasures."""
    return sql.SQL("grant select, insert, update, delete on table {} to {}").format(relation.sql, sql.Identifier(OWNER))
