-- What the other files are filled from, and a draw between 0 and 1 that is the same for the same words, always.
drop table if exists pg_temp.demo_markets;
create temporary table demo_markets on commit drop as
select o.id as org_id, m.* from unnest(%(slugs)s::text[], %(customers)s::int[], %(industries)s::text[], %(amounts)s::int[],
    %(starts)s::timestamptz[], %(stops)s::timestamptz[]) as m (slug, customers, industry, amount, start, stop)
join {schema}.organizations o on o.slug = m.slug;
create or replace function pg_temp.draw(variadic words text[]) returns double precision language sql immutable as
$$ select ('x' || left(md5(array_to_string(words, '/')), 7))::bit(28)::int / 268435456.0 $$;
