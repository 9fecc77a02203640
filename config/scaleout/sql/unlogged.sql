-- move: tables whose rows are in the log of changes
select name, 'it is unlogged: nothing of it is replicated', 'alter table ' || name || ' set logged'
from pg_temp.scale_tables where relpersistence = 'u'
