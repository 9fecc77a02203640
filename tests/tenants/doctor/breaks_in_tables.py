"""Broken tables: columns, policies, keys, indexes. The remedy of each is SQL, and mends it."""

from tests.tenants.doctor.breaks import Break

MONEY_KEY = "fk_revenue_customer_id"

IN_TABLES = [
    Break(
        "columns", "lost default", "alter table stores alter timezone drop default", "stores column timezone", "default"
    ),
    Break("columns", "nullable", "alter table stores alter name drop not null", "stores column name", "may be NULL"),
    Break(
        "columns",
        "other type",
        "alter table stores alter timezone type varchar(80)",
        "stores column timezone",
        "type is",
    ),
    Break("columns", "missing", "alter table activities drop metadata", "activities column metadata", "is missing"),
    Break("policies", "missing", "drop policy tenantry_api_select on customers", "customers policy", "is missing"),
    Break(
        "policies",
        "opened",
        "alter policy tenantry_api_select on customers using (true)",
        "customers policy",
        "changed",
    ),
    Break(
        "policies", "to all", "alter policy tenantry_api_select on customers to public", "customers policy", "changed"
    ),
    Break(
        "policies", "a stranger's", "create policy bi on customers for select using (true)", "policy bi", "opens what"
    ),
    Break(
        "policies", "a stranger's on a person's table", "create policy bi on users using (true)", "policy bi", "opens"
    ),
    Break("policies", "on Django's table", "create policy bi on django_session using (true)", "policy bi", "opens"),
    Break(
        "policies", "on a private table", "create policy bi on private.claims_keys using (true)", "policy bi", "opens"
    ),
    Break(
        "policies",
        "restrictive",
        "create policy less on customers as restrictive using (false)",
        "less",
        "hides",
        "warning",
    ),
    Break(
        "policies",
        "on a partition",
        "create policy bi on audit_logs_default using (true)",
        "default policy bi",
        "opens",
    ),
    Break("row_security", "off", "alter table customers disable row level security", "customers", "is off"),
    Break("row_security", "not forced", "alter table customers no force row level security", "customers", "not forced"),
    Break(
        "row_security", "off on the log", "alter table audit_logs disable row level security", "audit_logs", "is off"
    ),
    Break(
        "partitions", "granted", "grant select on audit_logs_default to tenantry_api", "logs_default", "can be reached"
    ),
    Break(
        "partitions", "open", "alter table audit_logs_default disable row level security", "logs_default", "no forced"
    ),
    Break(
        "partitions",
        "without policies",
        "drop policy tenantry_owner_select on audit_logs_default;"
        " drop policy tenantry_owner_insert on audit_logs_default",
        "audit_logs_default",
        "no policy",
    ),
    Break(
        "partitions",
        "attached by hand",
        "create table old_logs partition of audit_logs for values from ('2001-01-01') to ('2001-02-01')",
        "old_logs",
        "no forced row-level security and has no policy",
    ),
    Break("foreign_keys", "missing", f"alter table revenue drop constraint {MONEY_KEY}", MONEY_KEY, "is missing"),
    Break(
        "foreign_keys",
        "changed",
        f"alter table revenue drop constraint {MONEY_KEY}, add constraint {MONEY_KEY}"
        " foreign key (org_id, customer_id) references customers (org_id, id) on delete cascade",
        MONEY_KEY,
        "changed",
    ),
    Break(
        "foreign_keys",
        "never validated",
        "alter table stores drop constraint fk_stores_org_id, add constraint fk_stores_org_id"
        " foreign key (org_id) references organizations on delete cascade not valid",
        "fk_stores_org_id",
        "never validated",
    ),
    Break(
        "constraints",
        "no check",
        "alter table stores drop constraint stores_name_given",
        "stores_name_given",
        "missing",
    ),
    Break(
        "constraints", "no key", "alter table activities drop constraint activities_pkey", "activities_pkey", "missing"
    ),
    Break(
        "constraints",
        "other check",
        "alter table stores drop constraint stores_name_given, add constraint stores_name_given check (true)",
        "stores_name_given",
        "changed",
    ),
    Break(
        "constraints",
        "never validated",
        "alter table stores drop constraint stores_name_given,"
        " add constraint stores_name_given check (not name = '') not valid",
        "stores_name_given",
        "never validated",
    ),
    Break("indexes", "missing", "drop index idx_customers_name", "idx_customers_name", "is missing"),
    Break(
        "indexes",
        "changed",
        "drop index idx_customers_name; create index idx_customers_name on customers (name)",
        "idx_customers_name",
        "changed",
    ),
    Break("indexes", "invalid", "create index half_built on only audit_logs (actor)", "half_built", "is invalid"),
    Break(
        "org_index",
        "only by others",
        "do $$ declare k name; begin alter table activities drop constraint activities_pkey; for k in"
        " select indexrelid::regclass from pg_index where indrelid = 'activities'::regclass loop"
        " execute 'drop index ' || k; end loop; end $$",
        "activities",
        "no valid index begins with org_id",
    ),
    Break(
        "unindexed_keys",
        "of a column",
        "drop index idx_users_active_org",
        "active_org_id",
        "no index begins",
        "warning",
    ),
    Break(
        "cross_org_keys",
        "between ours",
        "create unique index on customers (id);"
        " alter table revenue add constraint loose foreign key (customer_id) references customers (id)",
        "revenue foreign key loose",
        "without their organization",
    ),
    Break("uniques", "by index", "create unique index names on customers (name)", "names", "unique across"),
    Break("uniques", "by constraint", "alter table customers add constraint c unique (email)", "c", "unique across"),
]
