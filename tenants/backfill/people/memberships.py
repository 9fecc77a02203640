"""What a person's memberships come to: how many organizations, and which one if one is to be chosen."""

from psycopg import sql

from tenants.backfill.people.source import ours

# Organizations on their way out do not count; suspended ones keep their rows. The choice of `active` is that of
# private.active_org_of: the one chosen, else the earliest; ties break by id.
DECISION = """
select count(m.org_id)::integer as orgs,
    (array_agg(m.org_id order by m.joined_at, m.id))[1] as earliest_org,
    (array_agg(m.org_id order by (m.org_id = {user}.active_org_id) is true desc, m.joined_at, m.id))[1] as active_org
from {members} as m join {organizations} as o on o.id = m.org_id and o.status <> 'deleting'
where m.user_id = {user}.id and m.state = 'active'
"""


def compose_decision(user: str) -> sql.Composed:
    """A row of orgs, earliest_org and active_org for the user that the alias names."""
    return sql.SQL(DECISION).format(
        user=sql.Identifier(user), members=ours("org_members"), organizations=ours("organizations")
    )
