-- Keeps customers.total_revenue and last_purchase_date in step with `revenue`, by difference, under concurrent writers.
-- object: function {schema}.keep_customer_totals()
create or replace function {schema}.keep_customer_totals() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The totals come back with the customers: manage.py restore_org.
    if tg_op = 'INSERT' and current_setting('tenantry.restoring', true) = new.org_id::text
        and private.is_owner_session() then
        return null;
    end if;
    if tg_op = 'UPDATE' and (new.customer_id, new.amount, new.date)
        is not distinct from (old.customer_id, old.amount, old.date) then
        return null;
    end if;
    -- Smallest key first, so that two writers who move amounts between the same customers cannot deadlock.
    if tg_op = 'UPDATE' and old.customer_id > new.customer_id then
        perform private.add_purchase(new.org_id, new.customer_id, new.amount, new.date);
        perform private.take_purchase(old.org_id, old.customer_id, old.amount, old.date);
        return null;
    end if;
    if tg_op <> 'INSERT' then
        perform private.take_purchase(old.org_id, old.customer_id, old.amount, old.date);
    end if;
    if tg_op <> 'DELETE' then
        perform private.add_purchase(new.org_id, new.customer_id, new.amount, new.date);
    end if;
    return null;
end
$$;
revoke all on function {schema}.keep_customer_totals() from public;
