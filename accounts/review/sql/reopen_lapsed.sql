-- Opens accepted findings of a detector whose day has come; one that is looked for every time finds them itself.
update access_findings set state = 'open'
where detector = %(detector)s and org_id between %(low)s and %(high)s and state = 'accepted' and accepted_until <= %(at)s
