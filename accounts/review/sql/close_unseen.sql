-- Closes findings of a detector that it did not find this time.
update access_findings set state = 'closed', closed_at = %(at)s
where detector = %(detector)s and org_id between %(low)s and %(high)s and state <> 'closed' and last_seen < %(at)s
