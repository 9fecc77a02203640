"""Broken triggers, grants, functions, views and roles. The remedy of each is SQL, and mends it."""

from tests.tenants.doctor.breaks import Break

DEFINER = "create function public.loose() returns int language sql security definer {} as 'select 1'"


def _view(name: str, of: str, options: str = "") -> str:
    return f"create view {name} {options} as select * from {of}"


IN_RIGHTS = [
    Break("triggers", "missing", "drop trigger audit_customers on customers", "audit_customers", "is missing"),
    Break(
        "triggers", "off", "alter table customers disable trigger audit_customers", "audit_customers", "switched off"
    ),
    Break("triggers", "of a file", "drop trigger keep_an_owner on org_members", "keep_an_owner", "is missing"),
    Break(
        "triggers", "on a partition", "drop trigger refuse_truncate on audit_logs_default", "refuse_truncate", "missing"
    ),
    Break(
        "triggers",
        "changed and off",
        "create or replace trigger audit_customers after insert on customers for each row"
        " execute function audit_trigger_function('other'); alter table customers disable trigger audit_customers",
        "audit_customers",
        "changed",
    ),
    Break(
        "triggers",
        "a stranger's",
        "create trigger copy after insert on customers for each row execute function set_updated_at()",
        "trigger copy",
        "not ours",
        "warning",
    ),
    Break(
        "owners",
        "of a table",
        "alter table activities owner to current_user",
        "activities",
        "it belongs to",
    ),
    Break(
        "owners",
        "of a function",
        "alter function private.seal(text) owner to current_user",
        "private.seal(text)",
        "it belongs to",
    ),
    Break("grants", "to PUBLIC", "grant select on users to public", "users", "public may select"),
    Break("grants", "past policies", "grant truncate on customers to tenantry_api", "customers", "may truncate"),
    Break("grants", "of a column", "grant update (email) on users to tenantry_api", "users", "may update (email)"),
    Break(
        "grants",
        "on a private table",
        "grant select on private.claims_keys to tenantry_api",
        "claims_keys",
        "may select",
    ),
    Break(
        "grants", "missing", "revoke select on customers from tenantry_api", "customers", "may not select, and should"
    ),
    Break(
        "grants",
        "passed on",
        "grant select on customers to tenantry_api with grant option",
        "customers",
        "pass on the right",
    ),
    Break(
        "grants",
        "to a stranger",
        "create role doctor_bi; grant select on customers to doctor_bi",
        "customers",
        "doctor_bi may select",
        "warning",
    ),
    Break(
        "default_privileges",
        "of new tables",
        "alter default privileges for role tenantry_owner in schema public grant select on tables to tenantry_api",
        "tenantry_owner",
        "tenantry_api gets select on every new table in public",
        "warning",
    ),
    Break("schema_grants", "create", "grant create on schema public to tenantry_api", "schema public", "CREATE"),
    Break("schema_grants", "private", "grant usage on schema private to public", "schema private", "USAGE"),
    Break(
        "schema_grants",
        "missing",
        "revoke usage on schema private from tenantry_api",
        "schema private",
        "not look into",
    ),
    Break("functions", "changed body", "{changed_seal}", "private.seal(text)", "differs from its file"),
    Break("functions", "unpinned", "alter function private.seal(text) reset all", "private.seal(text)", "differs"),
    Break("functions", "missing", "drop function private.seal(text)", "private.seal(text)", "is missing"),
    Break("function_grants", "to all", "grant execute on function private.seal(text) to public", "seal", "may execute"),
    Break(
        "function_grants",
        "missing",
        "revoke execute on function auth_claims() from tenantry_api",
        "auth_claims",
        "may not",
    ),
    Break("definer_functions", "unpinned", DEFINER.format(""), "loose", "search_path of its caller and for everyone"),
    Break("definer_functions", "open", DEFINER.format("set search_path = ''"), "loose", "as its owner, for everyone"),
    Break(
        "definer_functions",
        "a stranger's",
        "create role doctor_bi; grant doctor_bi to current_user; create schema elsewhere;"
        " grant create on schema elsewhere to doctor_bi;"
        " create function elsewhere.f() returns int language sql security definer as 'select 1';"
        " alter function elsewhere.f() owner to doctor_bi",
        "elsewhere.f()",
        "search_path of its caller",
        "warning",
    ),
    Break("views", "of a table", _view("leak", "customers"), "view public.leak", "every organization"),
    Break("views", "of users", _view("leak", "users"), "view public.leak", "every organization"),
    Break(
        "views",
        "of a view",
        f"{_view('inner_view', 'customers', 'with (security_invoker)')}; {_view('outer_view', 'inner_view')}",
        "view public.outer_view",
        "every organization",
    ),
    Break(
        "views",
        "with a copy",
        "create materialized view copied as select * from customers; grant select on copied to tenantry_api",
        "materialized view public.copied",
        "tenantry_api may read its copy",
    ),
    Break(
        "web_reach",
        "a table",
        "create table loose (id int primary key); grant select, insert on loose to tenantry_api",
        "table public.loose",
        "tenantry_api may insert, select, and row-level security is off",
    ),
    Break(
        "web_reach",
        "a table for everyone",
        "create table loose (id int primary key); grant select on loose to public",
        "table public.loose",
        "public may select",
        "warning",
    ),
    Break(
        "web_reach",
        "a view of a stranger's table",
        f"create table loose (id int primary key); {_view('through', 'loose')};"
        " grant select on through to tenantry_staff",
        "view public.through",
        "it reads as its owner",
    ),
    Break(
        "web_reach",
        "a copy in another schema",
        "create schema elsewhere; grant usage on schema elsewhere to tenantry_service;"
        " create materialized view elsewhere.copied as select 1 as one;"
        " grant select (one) on elsewhere.copied to tenantry_service",
        "materialized view elsewhere.copied",
        "it is a copy",
    ),
    Break(
        "web_reach",
        "a function",
        DEFINER.format("set search_path = ''") + "; revoke execute on function loose() from public;"
        " grant execute on function loose() to tenantry_api, tenantry_service",
        "function public.loose()",
        "tenantry_api, tenantry_service may execute it",
        "warning",
    ),
    Break("roles", "login", "alter role tenantry_api login", "role tenantry_api", "can log in"),
    Break("roles", "makes roles", "alter role tenantry_batch createrole", "role tenantry_batch", "makes roles"),
    Break(
        "memberships",
        "of ours",
        "grant tenantry_staff to tenantry_api",
        "role tenantry_api",
        "member of tenantry_staff",
    ),
    Break(
        "memberships", "the owner", "grant tenantry_owner to tenantry_batch", "role tenantry_batch", "tenantry_owner"
    ),
    Break(
        "web_logins",
        "inheriting",
        "create role doctor_web login inherit; grant tenantry_api to doctor_web",
        "login doctor_web",
        "inherits tenantry_api",
    ),
    Break(
        "web_logins",
        "making roles",
        "create role doctor_web login noinherit createrole; grant tenantry_api to doctor_web",
        "login doctor_web",
        "makes roles",
    ),
    Break(
        "web_logins",
        "becoming the owner",
        "create role doctor_web login noinherit; grant tenantry_api, tenantry_owner to doctor_web;"
        " alter role doctor_web set role = 'tenantry_api'",
        "login doctor_web",
        "can become tenantry_owner",
    ),
    Break(
        "owning_logins",
        "another one",
        "create role doctor_dba login; grant tenantry_owner to doctor_dba",
        "login doctor_dba",
        "can become tenantry_owner",
        "info",
    ),
    Break(
        "trusted_logins",
        "one",
        "insert into private.trusted_logins (login) values ('authenticator')",
        "login authenticator",
        "unsigned claims",
        "info",
    ),
]
