-- Erases a log when its tombstone is set, in one step: neither is there without the other.
-- object: trigger erase_log on private.audit_erased
create or replace trigger erase_log before insert on private.audit_erased
    for each row execute function private.erase_log();
