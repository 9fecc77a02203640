-- Customers, most of them there from the beginning, some who came later, left, or were deleted.
insert into {schema}.customers (org_id, name, email, company, industry, status, created_at, updated_at, deleted_at, deletion_id)
with drawn as (
    select m.*, n, pg_temp.draw(slug, 'mood', n::text) as mood, pg_temp.draw(slug, 'gone', n::text) as gone,
        %(first)s::text[] as f, %(last)s::text[] as l,
        m.start + (m.stop - m.start) * power(pg_temp.draw(slug, 'since', n::text), 2) * 0.9 as since,
        (array['& Sons', 'Group', 'Partners', 'Works', 'Market', 'Studio', 'Supply', 'House'])
            [1 + floor(pg_temp.draw(slug, 'kind', n::text) * 8)::int] as kind
    from demo_markets m, generate_series(1, m.customers) n
), named as (
    select *, f[1 + (n * 7 + length(slug)) %% cardinality(f)] as first_name,
        l[1 + (n * 5 + n / cardinality(f) + length(slug)) %% cardinality(l)] as last_name
    from drawn
)
select org_id, first_name || ' ' || last_name || case when n > 1000 then ' ' || n else '' end,
    lower(first_name || '.' || last_name) || n || '@' || lower(last_name) || '.example', last_name || ' ' || kind,
    case when mood < 0.7 then industry else (array['Education', 'Logistics', 'Public sector'])[1 + n %% 3] end,
    case when since > stop - interval '120 days' then 'active' when mood > 0.93 then 'churned' when mood > 0.82 then 'inactive'
        else 'active' end, since, since,
    case when gone > 0.97 then stop - interval '3 days' end, case when gone > 0.97 then {schema}.new_id() end
from named;
