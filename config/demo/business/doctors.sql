-- Doctors of the DSOs that are there.
insert into {schema}.doctors (org_id, dso_id, name)
select d.org_id, d.id, 'Dr. ' || (%(first)s::text[])[1 + floor(pg_temp.draw(d.name, n::text) * 40)::int] || ' '
    || (%(last)s::text[])[1 + floor(pg_temp.draw(d.name, n::text, 'l') * 32)::int]
from {schema}.dsos d join demo_markets m using (org_id), generate_series(1, 3) n;
