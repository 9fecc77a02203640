-- A year of measurements for every store: weekly rhythm, a slow rise, summer and December, and noise that never varies.
insert into metric_events (org_id, store_id, metric_key, recorded_at, value, dimensions, client_event_id)
with days as (
    select d::date as day, 1 + 0.3 * (365 - (%(yesterday)s::date - d::date)) / 365.0 as rise,
        case extract(isodow from d) when 6 then 1.45 when 7 then 0.7 when 5 then 1.2 else 1 end
            * (1 + 0.15 * sin((extract(doy from d) - 80) / 58.0))
            * case when extract(month from d) = 12 then 1.3 else 1 end as rhythm
    from generate_series(%(yesterday)s::date - 364, %(yesterday)s::date, interval '1 day') d
), places as (
    select s.org_id, s.id, s.name, s.timezone, o.created_at, 0.6 + abs(hashtext(s.name)) %% 100 / 80.0 as size
    from stores s join organizations o on o.id = s.org_id where s.org_id = any(%(orgs)s)
), kinds (key, hours, level, swing, last_days) as (
    values ('revenue', '{20}'::int[], 2400.0, 0.25, 365), ('orders', '{20}', 61, 0.2, 180),
        ('basket_value', '{20}', 39, 0.12, 60), ('visits', '{20}', 280, 0.3, 180),
        ('queue_seconds', '{11,14,18}', 95, 0.7, 21), ('stock_value', '{22}', 84000, 0.08, 60),
        ('fridge_celsius', '{3,15}', 5, 0.3, 14), ('support_tickets', '{9,11,14,16}', 1, 0, 45)
), measured as (
    select p.org_id, p.id, p.name, k.key, ((d.day + make_interval(hours => h)) at time zone p.timezone) as at, h, k.level,
        k.swing, p.size, d.rise, d.rhythm, p.created_at,
        abs(hashtext(p.name || k.key || d.day || h)) %% 1000 / 500.0 - 1 as noise
    from kinds k join days d on d.day > %(yesterday)s::date - k.last_days cross join places p cross join unnest(k.hours) h
)
select org_id, id, key, at,
    case key
        when 'revenue' then round((level * size * rise * rhythm * (1 + swing * noise))::numeric, 2)
        when 'basket_value' then round((level * (1 + swing * noise))::numeric, 2)
        when 'stock_value' then round((level * size * (1 + swing * noise))::numeric, 0)
        when 'fridge_celsius' then round((level + swing * 4 * noise * noise * noise)::numeric, 1)
        when 'queue_seconds' then round((level * rhythm * (1 + swing * noise * noise * noise))::numeric, 0)
        when 'support_tickets' then 1
        else round((level * size * rise * rhythm * (1 + swing * noise))::numeric, 0)
    end,
    case when key in ('revenue', 'orders') then jsonb_build_object('till', 1 + abs(hashtext(name || at)) %% 3) else '{}' end,
    concat_ws(':', 'demo', key, name, h)
from measured
where at > created_at and at < now() and (key <> 'support_tickets' or noise > 0.4)
