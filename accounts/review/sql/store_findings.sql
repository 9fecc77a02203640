-- Stores what a detector found: new findings open, known ones are seen again, accepted ones stay so while they hold.
with {within}, found (org_id, user_id, key, evidence, row_ids, kept_ids, member_id) as ({detector})
insert into access_findings as f (
    id, org_id, user_id, email_lower, detector, key, evidence, row_ids, kept_ids, member_id, state, first_seen, last_seen
)
select new_id(), n.org_id, n.user_id, u.email_lower, %(detector)s, n.key, n.evidence, n.row_ids, n.kept_ids, n.member_id,
    'open', %(at)s, %(at)s
from found n join users u on u.id = n.user_id
on conflict (org_id, detector, key) do update set
    user_id = excluded.user_id, email_lower = excluded.email_lower, evidence = excluded.evidence,
    row_ids = excluded.row_ids, kept_ids = excluded.kept_ids, member_id = excluded.member_id,
    last_seen = excluded.last_seen, closed_at = null,
    state = case when f.accepted_until > excluded.last_seen and excluded.row_ids <@ f.accepted_ids
        then 'accepted' else 'open' end
