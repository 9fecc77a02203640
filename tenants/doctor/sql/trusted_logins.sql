-- Lists the logins whose unsigned claims count, because a DBA said so.
select 'info' as level, 'login ' || quote_ident(t.login) as object,
    format('its unsigned claims have counted since %s', t.created_at::date) as reason,
    format('delete from private.trusted_logins where login = %L', t.login) as remedy
from private.trusted_logins t
