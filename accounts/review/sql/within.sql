-- What detectors read: the rows of the organizations looked through, so that none can reach beyond them.
access as not materialized (select * from user_dso_access where org_id between %(low)s and %(high)s),
member as not materialized (select * from org_members where org_id between %(low)s and %(high)s),
dso as not materialized (select * from dsos where org_id between %(low)s and %(high)s and deleted_at is null)
