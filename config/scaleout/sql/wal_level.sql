-- move known: a server that writes what logical replication reads
select 'wal_level', 'it is ' || current_setting('wal_level'), 'it has to be logical while an organization moves'
where current_setting('wal_level') <> 'logical'
