-- Finds functions of ours that are missing, or whose text differs from their file.
with texts as (
    select f.name, {tools}.plain(pg_get_functiondef(f.expected)) as wanted, pg_get_functiondef(f.standing) as text
    from {tools}.functions f
)
select 'error' as level, 'function ' || name as object,
    case when text is null then 'it is missing' else 'its text differs from its file' end as reason, wanted
    || case when text is null then format('; alter function %s owner to tenantry_owner; revoke execute on function %1$s'
        ' from public', name) else '' end as remedy
from texts where wanted is distinct from text
