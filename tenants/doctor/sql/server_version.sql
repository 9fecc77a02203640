-- Finds a server that lacks security fixes, or that Tenantry was never tested with.
select 'warning' as level, 'server' as object, s.version_fault as reason,
    'install the newest minor release of PostgreSQL and restart the server' as remedy
from {tools}.settings s
where s.version_fault <> ''
