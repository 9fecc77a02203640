-- Counts what would go, and names whom an organization has as its only owner.
update cleaning_batches b set
    planned_rows = (
        select count(*) from cleaning_rows i
        where i.org_id = b.org_id and i.batch_id = b.id and i.table_name = 'user_dso_access'),
    last_owners = array(
        select distinct i.email_lower from cleaning_rows i
        join org_members m on m.org_id = i.org_id and m.user_id = i.user_id and m.role = 'owner' and m.state = 'active'
        where i.org_id = b.org_id and i.batch_id = b.id and (i.outcome = 'kept' or not exists (
            select from org_members o
            where o.org_id = m.org_id and o.id <> m.id and o.role = 'owner' and o.state = 'active'))
        order by 1)
where b.batch_id = %(batch)s
