-- Follows every name of `dsos`; so called that it fires after the table's other triggers, which may change the name.
-- object: trigger zz_keep_name_lower on {schema}.dsos
create or replace trigger zz_keep_name_lower
    before insert or update on {schema}.dsos
    for each row execute function {schema}.keep_name_lower();
