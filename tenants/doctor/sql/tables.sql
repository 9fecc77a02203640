-- Finds tables and views of ours that are not there.
select 'error' as level, p.name as object, 'it is missing' as reason, 'manage.py migrate' as remedy
from {tools}.pairs p
where p.standing is null
