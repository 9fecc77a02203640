-- Holds the memberships that end: nobody is put into a workspace between the comparison and the deed.
select from org_members m
where exists (
    select from cleaning_rows i where i.batch_id = any(%(parts)s) and i.table_name = 'org_members'
        and i.outcome = 'planned' and i.org_id = m.org_id and i.row_id = m.id)
order by m.org_id, m.id for update
