-- Takes an amount off a customer's total, and finds the latest day anew where it was the one that goes.
-- object: function private.take_purchase(uuid, uuid, numeric, date)
create or replace function private.take_purchase(org uuid, customer uuid, amount numeric, day date) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Two statements: the second sees what those writers committed for whom the first one waited.
    update {schema}.customers c set total_revenue = c.total_revenue - amount where c.org_id = org and c.id = customer;
    update {schema}.customers c
    set last_purchase_date = (select max(r.date)::timestamp at time zone 'UTC'
        from {schema}.revenue r where r.org_id = org and r.customer_id = customer)
    where c.org_id = org and c.id = customer and c.last_purchase_date <= day::timestamp at time zone 'UTC';
end
$$;
revoke all on function private.take_purchase(uuid, uuid, numeric, date) from public;
