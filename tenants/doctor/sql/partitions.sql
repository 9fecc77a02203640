-- Finds partitions of our tables, however they came, with a grant, without row-level security or without a policy.
with recursive leaves as (
    select i.inhrelid as oid, p.name as parent, '[]'::jsonb as keep
    from {tools}.pairs p join pg_catalog.pg_inherits i on i.inhparent = p.standing
    union all
    -- Of a converted table our owner role and, until cutover, kept roles may reach the partitions.
    select i.inhrelid, c.name, c.guarded -> 'keep' || '["tenantry_owner"]'
    from {tools}.converted c join pg_catalog.pg_inherits i on i.inhparent = c.standing where c.is_guarded
    union all
    select i.inhrelid, l.parent, l.keep from leaves l join pg_catalog.pg_inherits i on i.inhparent = l.oid
), judged as (
    select l.oid, l.parent, c.relrowsecurity and c.relforcerowsecurity as bound,
        exists (select from pg_catalog.pg_policy p where p.polrelid = l.oid) as with_policy,
        (select string_agg(distinct {tools}.role_name(g.grantee), ', ') from {tools}.grants g where g.relid = l.oid
            and (g.grantee = 0 or not l.keep ? pg_get_userbyid(g.grantee)::text)) as granted
    from leaves l join pg_catalog.pg_class c on c.oid = l.oid
)
select 'error' as level, oid::regclass::text as object,
    format('this partition of %s %s', parent, concat_ws(' and ',
        case when not bound then 'has no forced row-level security' end,
        case when not with_policy then 'has no policy' end,
        'can be reached past its parent by ' || granted)) as reason,
    concat_ws('; ', case when not bound then format('alter table %s enable row level security; alter table %1$s force row'
            ' level security', oid::regclass) end,
        case when not with_policy then format('create policy tenantry_owner_select on %s for select to tenantry_owner'
            ' using (true)', oid::regclass) end,
        case when granted is not null then format('revoke all on %s from %s', oid::regclass, granted) end) as remedy
from judged
where not bound or not with_policy or granted is not null
