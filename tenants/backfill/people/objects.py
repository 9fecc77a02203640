"""The table of decided people, and the functions that decide about those whom a conversion meets late."""

from psycopg import sql

from postgres.roles import BATCH
from tenants.backfill.derive.keys import compare
from tenants.backfill.derive.objects import decide_function, people_table
from tenants.backfill.people.creation import Creation, usable_email
from tenants.backfill.people.memberships import compose_decision
from tenants.backfill.people.source import PeopleSource, ours
from tenants.models import Conversion

# A deleted organization leaves nobody pointing at it: the old application's inserts would fail on their foreign key.
TABLE = """
create table if not exists {table} (
    person {type} {collation} primary key, user_id uuid,
    org_id uuid references {organizations} on delete set null,
    active_org uuid references {organizations} on delete set null,
    earliest_org uuid references {organizations} on delete set null,
    orgs integer not null, decided_at timestamptz not null default clock_timestamp()
);
create index if not exists {index} on {table} ((person::text));
revoke all on {table} from public;
alter table {table} enable row level security;
drop policy if exists tenantry_owner_all on {table};
create policy tenantry_owner_all on {table} to tenantry_owner using (true) with check (true);
drop policy if exists tenantry_batch_select on {table};
create policy tenantry_batch_select on {table} for select to {batch} using (true);
grant select on {table} to {batch};
comment on table {table} is 'Which organizations the people of conversion {number} are in, as decided once.'
"""
# Two who meet the same person at once never wait for each other: one keeps the decision, both use it. Only people who
# are made here are waited for, by the unique e-mail: their organization does not exist before the other commits.
# Under a stricter isolation than READ COMMITTED nothing is kept: the insert could fail for what it may not see.
DECIDE_BODY = """
declare
    decided {table};
    kept {table};
    address text;
begin
    if $1 is null then
        return;
    end if;
    select p.* into decided from {table} as p where {known};
    if decided.orgs > 0 then
        return next decided;
        return;
    end if;
    decided := null;
    select {email}, u.id into address, decided.user_id
    from {source} as l left join {users} as u on {match} where {met};
    if not found then
        return;
    end if;
    {create}
    decided.person := $1;
    decided.decided_at := clock_timestamp();
    select d.orgs, d.earliest_org, d.active_org, case when d.orgs = 1 then d.earliest_org end
    into decided.orgs, decided.earliest_org, decided.active_org, decided.org_id
    from {users} as u, lateral ({decision}) as d where u.id = decided.user_id;
    if decided.orgs > 0 and current_setting('transaction_isolation') = 'read committed'
        and pg_try_advisory_xact_lock(hashtextextended({lock} || $1::text, 0))
    then
        insert into {table} as p select decided.* on conflict (person) do update
        set user_id = excluded.user_id, org_id = excluded.org_id, active_org = excluded.active_org,
            earliest_org = excluded.earliest_org, orgs = excluded.orgs, decided_at = excluded.decided_at
        where p.orgs = 0;
        select p.* into kept from {table} as p where {known} and p.orgs > 0;
        if kept.orgs > 0 then
            decided := kept;
        end if;
    end if;
    if decided.orgs is not null then
        return next decided;
    end if;
end
"""
# An e-mail that is none makes nobody: their rows are without organization.
CREATE_BODY = """
    if decided.user_id is null and {usable} then
        perform set_config('tenantry.provision', {provision}, true);
        insert into {users} as made ({columns}) values ({values}) on conflict do nothing returning made.id
        into decided.user_id;
        perform set_config('tenantry.provision', '', true);
        if decided.user_id is null then
            select u.id into decided.user_id from {source} as l join {users} as u on {match} where {met};
        end if;
    end if;
"""
# The key of another kind as text: what does not come back as it was is nobody's.
BY_TEXT_BODY = """
declare
    read_key {type};
begin
    begin
        read_key := $1::{type};
    exception when others then
        return;
    end;
    if read_key::text = $1 then
        return query select * from {name}(read_key);
    end if;
end
"""
FUNCTION = """
create or replace function {name}({type}) returns setof {table}
language plpgsql volatile security definer rows 1
set search_path = pg_catalog, pg_temp
as {body};
revoke all on function {name}({type}) from public;
comment on function {name}({type}) is {comment}
"""


# One process at a time makes them: two who replace a function at once collide.
TURNS = 0x7E4A50


def compose_turn(conversion: Conversion) -> sql.Composed:
    """Waits until no other process makes the objects of this conversion."""
    return sql.SQL("select pg_advisory_xact_lock({}, {})").format(sql.Literal(TURNS), sql.Literal(conversion.number))


def compose_table(conversion: Conversion, source: PeopleSource) -> sql.Composed:
    """CREATE TABLE of the decided people."""
    return sql.SQL(TABLE).format(
        table=people_table(conversion),
        index=sql.Identifier(f"idx_conversion_people_{conversion.number}_text"),
        type=source.key.sql_type,
        collation=source.key.sql_collation,
        organizations=ours("organizations"),
        batch=sql.Identifier(BATCH),
        number=sql.Literal(conversion.number),
    )


def compose_functions(conversion: Conversion, source: PeopleSource, creation: Creation) -> list[sql.Composed]:
    """The functions that decide about one person: by key, and by a key of another kind as text."""
    key = sql.SQL("$1")
    parts: dict[str, sql.Composable] = {
        "table": people_table(conversion),
        "known": compare(sql.SQL("p.person"), source.key, key, source.key),
        "met": compare(source.key_of("l"), source.key, key, source.key),
        "email": source.email_of("l"),
        "source": source.relation,
        "users": ours("users"),
        "match": source.match("l", "u"),
        "decision": compose_decision("u"),
        "lock": sql.Literal(f"tenantry person {conversion.number} "),
    }
    create: sql.Composable = sql.SQL("")
    if creation.wanted:
        create = sql.SQL(CREATE_BODY).format(
            usable=usable_email(sql.SQL("address")),
            provision=creation.provision_when_met(),
            columns=creation.columns(),
            values=creation.values(sql.SQL("$1"), sql.SQL("address")),
            **parts,
        )
    body = sql.SQL(DECIDE_BODY).format(create=create, **parts)
    found = [_compose_function(conversion, source.key.sql_type, body)]
    if source.key.type != "text":
        names = {"type": source.key.sql_type, "name": decide_function(conversion)}
        found.append(_compose_function(conversion, sql.SQL("text"), sql.SQL(BY_TEXT_BODY).format(**names)))
    return found


def _compose_function(conversion: Conversion, key_type: sql.Composable, body: sql.Composed) -> sql.Composed:
    return sql.SQL(FUNCTION).format(
        name=decide_function(conversion),
        type=key_type,
        table=people_table(conversion),
        body=sql.Literal(body.as_string(None)),
        comment=sql.Literal("Finds a person's organizations, and decides about one whom the conversion meets late."),
    )


def compose_drop(conversion: Conversion) -> sql.Composed:
    """The way back: the functions go with the table, whose rows they return."""
    return sql.SQL("drop table if exists {} cascade").format(people_table(conversion))
