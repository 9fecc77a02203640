-- AI queries of active members on working days, with models of different cost, more of them from month to month.
insert into {schema}.ai_usage_log (org_id, user_id, query_id, input_tokens, output_tokens, cost_usd, model, date, created_at, updated_at)
with asked as (
    select m.slug, p.org_id, p.user_id, day, turn, pg_temp.draw(m.slug, p.user_email, day::date::text, turn::text) as luck
    from demo_markets m join (
        select o.org_id, o.user_id, u.email as user_email, o.joined_at from {schema}.org_members o
        join {schema}.users u on u.id = o.user_id where o.state = 'active'
    ) p using (org_id), lateral generate_series(greatest(m.start, m.stop - interval '180 days', p.joined_at), m.stop, interval '3 days') as day,
        generate_series(1, greatest(1, m.customers / 200)) as turn
    where extract(isodow from day) < 6
), spent as (
    select *, case when luck < 0.6 then 'small' when luck < 0.9 then 'medium' else 'large' end as model,
        (200 + luck * 4800)::int as tokens_in, (50 + pg_temp.draw(slug, user_id::text, day::text) * 1900)::int as tokens_out
    from asked where pg_temp.draw(slug, user_id::text, day::date::text, turn::text, 'asks') > 0.35
)
select org_id, user_id, gen_random_uuid(), tokens_in, tokens_out,
    round((case model when 'small' then 0.4 when 'medium' then 3 else 15 end * (tokens_in + 4 * tokens_out) / 1000000.0)::numeric, 4),
    model, day::date, day, day
from spent;
