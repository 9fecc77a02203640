"""Views over a converted table that our roles may read: they would show every organization, as their owner sees it."""

from collections.abc import Iterator

from tenants.backfill.phases.relations import fetch_qualified
from tenants.models import ConversionTable

# Two steps down at once: a recursive term may name itself once only.
OPEN = """
with recursive over (oid) as (
    select %s::oid
    union
    select n.oid from over o, lateral (
        select i.inhrelid as oid from pg_catalog.pg_inherits i where i.inhparent = o.oid
        union all
        select r.ev_class from pg_catalog.pg_depend d join pg_catalog.pg_rewrite r on r.oid = d.objid
        where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = o.oid
            and d.classid = 'pg_catalog.pg_rewrite'::regclass
    ) n
)
select c.oid::regclass::text, case c.relkind when 'v' then 'view' else 'materialized view' end, g.readers
from over o join pg_catalog.pg_class c on c.oid = o.oid and c.relkind in ('v', 'm'), lateral (
    select string_agg(distinct case when a.grantee = 0 then 'public'
        else quote_ident(pg_get_userbyid(a.grantee)) end, ', ')
    from (
        select x.grantee from pg_catalog.aclexplode(c.relacl) x
        union all
        select x.grantee from pg_catalog.pg_attribute t, pg_catalog.aclexplode(t.attacl) x where t.attrelid = c.oid
    ) a
    where a.grantee = 0 or pg_get_userbyid(a.grantee) in ('tenantry_api', 'tenantry_staff', 'tenantry_service')
) g (readers)
where g.readers is not null and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on',
    'security_invoker=yes', 'security_invoker=1'], false)
order by 1
"""


def find_open_views(table: ConversionTable) -> Iterator[str]:
    """Sentences, each with what to type."""
    for name, kind, readers in fetch_qualified(OPEN, [table.oid]):
        invoker = f"alter view {name} set (security_invoker = true), or " if kind == "view" else ""
        yield (
            f"{table.name}: the {kind} {name} shows the rows of every organization to {readers}, and so to our own"
            f" roles. Type: {invoker}revoke all on {name} from {readers}"
        )
