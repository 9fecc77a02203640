"""The queries of the verification; `{schema}` is ours, and an organization of NULL means all of them."""

# A range is small whatever the planner guesses: without these it may read, and hash, the whole log for each.
PLANNER = """
select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
    set_config('jit', 'off', true)
"""

# One range of links. Its first row is the last of the range before, which was judged there and lends its hash.
WALK = """
with links as materialized (
    select * from private.chain_links
    where (org_id, position) >= (%(after_org)s::uuid, %(after)s)
        and org_id between coalesce(%(org)s::uuid, '00000000-0000-0000-0000-000000000000')
        and coalesce(%(org)s::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by org_id, position limit %(size)s
), walked as (
    select k.*, lag(hash) over chain as previous, coalesce(lag(position) over chain, 0) as before
    from links k window chain as (partition by org_id order by position)
), judged as materialized (
    select w.org_id, w.position, w.first_position, w.before, w.created_at, w.log_id, w.sealed_at, w.previous, w.hash,
        w.digest, d.digest as now,
        coalesce((d.transaction_id, d.created_at, d.id) <= (c.transaction_id, c.created_at, c.log_id), false) as known,
        case when w.first_position <> w.before + 1 then 'gap'
            when w.digest is null then null
            when w.hash <> private.link_hash(w.previous, w.org_id, w.position, w.created_at, w.log_id, w.digest,
                w.sealed_at) then 'seal changed'
            when d.id is null then 'removed'
            when d.digest <> w.digest then 'edited' end as fault
    from walked w left join private.audit_seal_cursor c on true
    left join private.log_digests d
        on d.org_id = w.org_id and d.created_at = w.created_at and d.id = w.log_id
    where (w.org_id, w.position) <> (%(after_org)s::uuid, %(after)s)
), first as (
    select distinct on (org_id) * from judged where fault is not null order by org_id, position
)
select count(*) filter (where digest is not null), count(*) filter (where known),
    coalesce(sum(position - first_position + 1) filter (where digest is null), 0)::bigint,
    count(*) filter (where before = 0), (array_agg(org_id order by org_id desc, position desc))[1],
    (array_agg(position order by org_id desc, position desc))[1],
    (select jsonb_agg(jsonb_build_object('org_id', f.org_id, 'position', f.position, 'before', f.before,
        'created_at', f.created_at, 'log_id', f.log_id, 'previous', encode(f.previous, 'hex'),
        'sealed_at', f.sealed_at, 'hash', encode(f.hash, 'hex'), 'digest', encode(f.digest, 'hex'),
        'now', encode(f.now, 'hex'), 'fault', f.fault))::text from first f)
from judged
"""

# Two rows whose contents changed places: each holds what the other was sealed with.
CONTENTS_SWAPPED = """
select s.org_id, s.position from private.audit_seals s
join private.log_digests d on d.org_id = s.org_id and d.created_at = s.created_at and d.id = s.log_id
where s.digest = decode(%(now)s, 'hex') and d.digest = decode(%(digest)s, 'hex')
    and (s.org_id, s.position) <> (%(org_id)s::uuid, %(position)s)
order by s.position limit 1
"""

# Two seals whose positions, rows or hashes changed places: the other's half makes this link whole again.
PLACES_SWAPPED = """
select s.org_id, s.position from private.audit_seals s
where s.org_id = %(org_id)s::uuid and s.position <> %(position)s and (
    private.link_hash(decode(%(previous)s, 'hex'), s.org_id, %(position)s, s.created_at, s.log_id, s.digest,
        s.sealed_at) in (s.hash, decode(%(hash)s, 'hex'))
    or private.link_hash(decode(%(previous)s, 'hex'), s.org_id, %(position)s, s.created_at, s.log_id, s.digest,
        %(sealed_at)s::timestamptz) = decode(%(hash)s, 'hex')
    or private.link_hash(decode(%(previous)s, 'hex'), s.org_id, %(position)s, s.created_at, s.log_id,
        decode(%(digest)s, 'hex'), %(sealed_at)s::timestamptz) = decode(%(hash)s, 'hex')
    or private.link_hash(decode(%(previous)s, 'hex'), s.org_id, %(position)s, %(created_at)s::timestamptz,
        %(log_id)s::uuid, decode(%(digest)s, 'hex'), %(sealed_at)s::timestamptz) = s.hash)
order by s.position limit 1
"""

# Rows where sealing has been.
IN_RANGE = """
select count(*) from {schema}.audit_logs l, private.audit_seal_cursor c
where (l.transaction_id, l.created_at, l.id) <= (c.transaction_id, c.created_at, c.log_id)
    and (%(org)s::uuid is null or l.org_id = %(org)s::uuid)
"""

# The first row of each organization that has no seal where sealing has been.
ADDED = """
select distinct on (l.org_id) l.org_id, l.id, l.created_at, l.transaction_id
from {schema}.audit_logs l, private.audit_seal_cursor c
where (l.transaction_id, l.created_at, l.id) <= (c.transaction_id, c.created_at, c.log_id)
    and (%(org)s::uuid is null or l.org_id = %(org)s::uuid)
    and not exists (select from private.audit_seals s
        where s.org_id = l.org_id and s.created_at = l.created_at and s.log_id = l.id)
order by l.org_id, l.transaction_id, l.created_at, l.id
"""

# Where an added row pretends to stand: behind the last sealed row that is older than it.
PLACE_OF = """
select coalesce(max(s.position), 0) + 1 from private.audit_seals s
join {schema}.audit_logs g on g.org_id = s.org_id and g.created_at = s.created_at and g.id = s.log_id
where s.org_id = %(org)s and (g.transaction_id, g.created_at, g.id) < (%(transaction)s, %(created_at)s, %(id)s)
"""

# Chains that do not end where their head says.
ENDS = """
with ends as (
    select org_id, max(position) as last from private.chain_links
    where %(org)s::uuid is null or org_id = %(org)s::uuid group by org_id
), heads as (
    select * from private.audit_heads where %(org)s::uuid is null or org_id = %(org)s::uuid
)
select org_id, h.position, ends.last from heads h full join ends using (org_id)
where h.position is distinct from ends.last
    or h.hash is distinct from (select k.hash from private.chain_links k
        where k.org_id = ends.org_id and k.position = ends.last)
"""

# The link that a head copied outside speaks of.
OUTSIDE = "select encode(hash, 'hex') from private.chain_links where org_id = %(org)s and position = %(position)s"
OUTSIDE_AFTER = """
select (select max(position) from private.chain_links where org_id = %(org)s),
    exists (select from private.audit_retired
        where org_id = %(org)s and %(position)s between first_position and last_position)
"""

# Whether the chain that a head copied outside speaks of was erased with its organization since then.
ERASED = """
select exists (select from private.audit_erased where org_id = %(org)s and erased_at > %(sealed_at)s::timestamptz
    and (last_position > %(position)s or (last_position = %(position)s and encode(last_hash, 'hex') = %(hash)s)))
"""
