-- Adds an amount to a customer's total, and its day where it is the latest.
-- object: function private.add_purchase(uuid, uuid, numeric, date)
create or replace function private.add_purchase(org uuid, customer uuid, amount numeric, day date) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update {schema}.customers c
    set total_revenue = c.total_revenue + amount,
        last_purchase_date = greatest(c.last_purchase_date, day::timestamp at time zone 'UTC')
    where c.org_id = org and c.id = customer;
end
$$;
revoke all on function private.add_purchase(uuid, uuid, numeric, date) from public;
