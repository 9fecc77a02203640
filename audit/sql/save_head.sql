-- Writes where a chain ends now.
-- object: function private.save_head(private.audit_heads)
create or replace function private.save_head(head private.audit_heads) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if head.org_id is not null then
        insert into private.audit_heads as h (org_id, position, hash) values (head.org_id, head.position, head.hash)
        on conflict (org_id) do update
            set position = excluded.position, hash = excluded.hash, sealed_at = clock_timestamp();
    end if;
end
$$;
revoke all on function private.save_head(private.audit_heads) from public;
