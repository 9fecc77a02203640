-- Money: every customer buys in a rhythm of their own, more in December and less in summer; some of it is refunded.
insert into {schema}.revenue (org_id, customer_id, amount, date, category, description, created_at, updated_at)
with bought as (
    select m.slug, m.amount, c.org_id, c.id, c.name, day,
        pg_temp.draw(m.slug, c.name, day::date::text) as luck,
        case extract(month from day) when 12 then 1.5 when 7 then 0.8 when 8 then 0.7 else 1 end as season,
        1 + 0.35 * (extract(epoch from day - m.start) / extract(epoch from m.stop - m.start)) as growth
    from demo_markets m join {schema}.customers c on c.org_id = m.org_id, lateral generate_series(
        c.created_at + interval '1 hour', least(m.stop, case c.status when 'churned' then c.created_at + interval '90 days'
            when 'inactive' then m.stop - interval '70 days' else m.stop end),
        make_interval(days => 14 + (pg_temp.draw(m.slug, c.name, 'rhythm') * 30)::int)) as day
)
select org_id, id, round((case when luck > 0.97 then -0.4 else 1 end * amount * season * growth * (0.4 + 1.6 * luck * luck))::numeric, 2),
    day::date,
    case when luck > 0.97 then 'refund' when luck < 0.5 then 'subscription' when luck < 0.8 then 'services' else 'goods' end,
    case when luck > 0.97 then 'Returned' else 'Invoice ' || to_char(day, 'YYYYMM') || '-' || (luck * 9000 + 1000)::int end, day, day
from bought;
