-- Follows every change of `revenue`.
-- object: trigger keep_customer_totals on {schema}.revenue
create or replace trigger keep_customer_totals
    after insert or update or delete on {schema}.revenue
    for each row execute function {schema}.keep_customer_totals();
