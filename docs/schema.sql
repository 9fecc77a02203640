-- Generated from the catalog: change a model or a SQL file, migrate, then `manage.py schema_reference --write`.
--
-- What `manage.py migrate` makes, explained. It is to read, not to run: migrations make it in an order of their own.
-- Partitions are left out: each has its table's policies for the owner, and no grants. Functions are named with their
-- purpose; their text is in `<app>/sql/`. Names without a schema are in TENANTRY_SCHEMA.

-- Roles, for the whole server; logins are members of them.
create role tenantry_owner nologin noinherit;  -- owns tables and functions; migrations, commands and conversions act under it.
create role tenantry_api nologin noinherit;  -- what a client's request may do, within the organization of its verified claims.
create role tenantry_staff nologin noinherit;  -- what the console may do, within the console organization of its verified claims.
create role tenantry_service nologin noinherit;  -- what happens before or beside a person: sign-in, sign-up, invitations, sessions.
create role tenantry_batch nologin noinherit;  -- writes the batches of a conversion, so that triggers can tell them from live writes.

create schema private;  -- what no API exposes

-- access_findings: Access rows and memberships that look wrong, as the detectors of the access review see it.
create table access_findings (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- The person's e-mail when last seen: staff of one organization cannot read it of a stranger.
    email_lower text not null,
    detector text not null,
    -- What makes it the same finding the next time.
    key text not null,
    -- Why it looks wrong, in a sentence.
    evidence text not null,
    -- Rows of user_dso_access that would go.
    row_ids uuid[] default '{}'::uuid[] not null,
    -- Rows that stay and belong to the evidence.
    kept_ids uuid[] default '{}'::uuid[] not null,
    -- The row of org_members that would go.
    member_id uuid,
    state text default 'open'::text not null,
    first_seen timestamp with time zone default statement_timestamp() not null,
    last_seen timestamp with time zone default statement_timestamp() not null,
    closed_at timestamp with time zone,
    accept_reason text default ''::text not null,
    -- An actor, as in the log.
    accepted_by text default ''::text not null,
    accepted_at timestamp with time zone,
    -- Then it comes back, if it is still so.
    accepted_until timestamp with time zone,
    -- The rows accepted: one more, and it is back.
    accepted_ids uuid[] default '{}'::uuid[] not null,
    org_id uuid not null,
    user_id uuid not null,
    constraint access_findings_pkey primary key (org_id, id),
    constraint access_findings_key unique (org_id, detector, key),
    constraint fk_access_findings_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint fk_access_findings_user_id foreign key (user_id) references users(id) on delete cascade,
    constraint access_findings_accepted check (((not (state = 'accepted'::text)) or ((accepted_until is not null) and (not (accept_reason = ''::text))))),
    constraint access_findings_state check ((state = any (array['open'::text, 'accepted'::text, 'closed'::text])))
);
-- Holds only rows where state = 'open'::text.
create index idx_access_findings_detector on access_findings using btree (detector, org_id, id) where (state = 'open'::text);
-- For reading by org_id, email_lower.
create index idx_access_findings_email on access_findings using btree (org_id, email_lower);
-- Holds only rows where state = 'open'::text.
create index idx_access_findings_open on access_findings using btree (org_id, id) where (state = 'open'::text);
-- Serves the foreign key fk_access_findings_user_id.
create index idx_access_findings_user on access_findings using btree (user_id, org_id);
alter table access_findings enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on access_findings for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on access_findings for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on access_findings for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on access_findings for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on access_findings for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on access_findings for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant insert, select, update on access_findings to tenantry_service;
grant select, update on access_findings to tenantry_staff;
create trigger org_id_immutable_access_findings before update on access_findings for each row execute function keep_org_id();
create trigger set_updated_at_access_findings before update on access_findings for each row execute function set_updated_at();

-- activities: Events around customers.
create table activities (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    type text not null,
    metadata jsonb default '{}'::jsonb not null,
    org_id uuid not null,
    customer_id uuid,
    constraint activities_pkey primary key (org_id, id),
    constraint fk_activities_customer_id foreign key (org_id, customer_id) references customers(org_id, id) on delete set null (customer_id),
    constraint fk_activities_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint activities_type check ((type = any (array['signup'::text, 'purchase'::text, 'churn'::text, 'login'::text, 'export'::text])))
);
-- Serves the foreign key fk_activities_customer_id.
create index activities_customer_id_pair on activities using btree (org_id, customer_id);
-- For reading by metadata (gin).
create index idx_activities_metadata on activities using gin (metadata);
-- For reading by org_id, type.
create index idx_activities_type on activities using btree (org_id, type);
alter table activities enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, as owner or admin.
create policy tenantry_api_delete on activities for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on activities for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on activities for select to tenantry_api
    using (org_id = (select auth_org_id()));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on activities for update to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on activities for all to tenantry_owner
    using (true)
    with check (true);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on activities for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on activities for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on activities for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on activities for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on activities to tenantry_api;
grant delete, insert, select, update on activities to tenantry_staff;
create trigger audit_activities after insert or delete or update on activities for each row execute function audit_trigger_function('activities', 'id', 'org_id', '{}');
create trigger log_truncate_activities after truncate on activities for each statement execute function log_truncate('activities');
create trigger org_id_immutable_activities before update on activities for each row execute function keep_org_id();
create trigger set_updated_at_activities before update on activities for each row execute function set_updated_at();

-- ai_usage_log: AI queries and their cost, one row each.
create table ai_usage_log (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- The query, once: a repeated report of it is refused.
    query_id uuid not null,
    input_tokens integer default 0 not null,
    output_tokens integer default 0 not null,
    cost_usd numeric(10,4) default 0 not null,
    model text not null,
    date date not null,
    org_id uuid not null,
    user_id uuid,
    constraint ai_usage_log_pkey primary key (org_id, id),
    constraint ai_usage_log_query unique (org_id, query_id),
    constraint fk_ai_usage_log_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint fk_ai_usage_log_user_id foreign key (user_id) references users(id) on delete set null,
    constraint ai_usage_log_cost check (((cost_usd >= (0)::numeric) and (cost_usd <= 999999.9999))),
    constraint ai_usage_log_input_tokens_check check ((input_tokens >= 0)),
    constraint ai_usage_log_output_tokens_check check ((output_tokens >= 0))
);
-- For reading by org_id, date, user_id.
create index idx_ai_usage_date on ai_usage_log using btree (org_id, date, user_id);
-- Serves the foreign key fk_ai_usage_log_user_id.
create index idx_ai_usage_user on ai_usage_log using btree (user_id);
alter table ai_usage_log enable row level security, force row level security;
-- A client may add rows of the organization of its claims, of the acting person.
create policy tenantry_api_insert on ai_usage_log for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and (user_id = (select auth_user_id())));
-- A client may read rows of the organization of its claims, of the acting person, as owner or admin.
create policy tenantry_api_select on ai_usage_log for select to tenantry_api
    using ((org_id = (select auth_org_id())) and ((user_id = (select auth_user_id())) or ((select auth_user_role()) = any (array['owner'::text, 'admin'::text]))));
-- The owner may do everything with every row.
create policy tenantry_owner_all on ai_usage_log for all to tenantry_owner
    using (true)
    with check (true);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on ai_usage_log for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on ai_usage_log for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on ai_usage_log for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on ai_usage_log for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant insert, select on ai_usage_log to tenantry_api;
grant delete, insert, select, update on ai_usage_log to tenantry_staff;
create trigger audit_ai_usage_log after insert or delete or update on ai_usage_log for each row execute function audit_trigger_function('ai_usage_log', 'id', 'org_id', '{}');
create trigger log_truncate_ai_usage_log after truncate on ai_usage_log for each statement execute function log_truncate('ai_usage_log');
create trigger org_id_immutable_ai_usage_log before update on ai_usage_log for each row execute function keep_org_id();
create trigger set_updated_at_ai_usage_log before update on ai_usage_log for each row execute function set_updated_at();

-- api_keys: Machine clients of an organization.
create table api_keys (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    name text not null,
    -- How the key begins, so that people tell keys apart.
    prefix text not null,
    -- SHA-256 of the key; the key itself is shown once.
    secret_hash text not null,
    role text default 'member'::text not null,
    expires_at timestamp with time zone,
    -- To the hour.
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    created_by_id uuid,
    org_id uuid not null,
    constraint api_keys_pkey primary key (org_id, id),
    constraint api_keys_secret unique (secret_hash, org_id),
    constraint fk_api_keys_created_by_id foreign key (created_by_id) references users(id) on delete set null,
    constraint fk_api_keys_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint api_keys_name_given check ((not (name = ''::text))),
    constraint api_keys_role check ((role = any (array['admin'::text, 'member'::text])))
);
-- Serves the foreign key fk_api_keys_created_by_id.
create index api_keys_created_by_id_576515e0 on api_keys using btree (created_by_id);
alter table api_keys enable row level security, force row level security;
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on api_keys for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims, as owner or admin.
create policy tenantry_api_select on api_keys for select to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on api_keys for update to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on api_keys for all to tenantry_owner
    using (true)
    with check (true);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on api_keys for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on api_keys for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on api_keys for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on api_keys for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant insert, select, update (name, revoked_at) on api_keys to tenantry_api;
grant delete, insert, select, update on api_keys to tenantry_staff;
create trigger audit_api_keys after insert or delete or update on api_keys for each row execute function audit_trigger_function('api_keys', 'id', 'org_id', '{secret_hash}');
create trigger log_truncate_api_keys after truncate on api_keys for each statement execute function log_truncate('api_keys');
create trigger org_id_immutable_api_keys before update on api_keys for each row execute function keep_org_id();
create trigger set_updated_at_api_keys before update on api_keys for each row execute function set_updated_at();

-- audit_logs: What happened, by month. Nobody changes it; rows enter by trigger or log_event().
create table audit_logs (
    id uuid default new_id() not null,
    created_at timestamp with time zone default statement_timestamp() not null,
    -- The organization of the row; the nil UUID where a row belongs to none, so that the key holds it.
    org_id uuid default '00000000-0000-0000-0000-000000000000'::uuid not null,
    -- The person who acted, if it was one.
    user_id uuid,
    -- user:<id>, key:<id>, system:<job> or db:<login>.
    actor text not null,
    -- The staff person behind the acting person.
    impersonator_id uuid,
    -- api, console, service or database.
    surface text not null,
    -- INSERT, UPDATE, DELETE, TRUNCATE, or the lower-case name of an event.
    action text not null,
    -- The table, with its schema where that is not ours.
    table_name text not null,
    -- The row's key as text; a JSON array for composite keys.
    record_id text,
    -- Before: the whole row of a DELETE, changed columns of an UPDATE.
    old_data jsonb,
    -- After: the whole row of an INSERT, changed columns of an UPDATE.
    new_data jsonb,
    reason text default ''::text not null,
    request_id text default ''::text not null,
    batch_id uuid,
    -- The transaction that wrote the row: what sealing may treat as final.
    transaction_id bigint default ((pg_current_xact_id())::text)::bigint not null,
    constraint audit_logs_pkey primary key (org_id, created_at, id)
) partition by RANGE (created_at);
-- Holds only rows where batch_id is not null.
create index idx_audit_logs_batch on only audit_logs using btree (batch_id) where (batch_id is not null);
-- For reading by org_id, user_id, created_at desc.
create index idx_audit_logs_person on only audit_logs using btree (org_id, user_id, created_at desc);
-- For reading by table_name, record_id, created_at desc.
create index idx_audit_logs_record on only audit_logs using btree (table_name, record_id, created_at desc);
-- For reading by created_at desc, id desc.
create index idx_audit_logs_time on only audit_logs using btree (created_at desc, id desc);
-- For reading by transaction_id, created_at.
create index idx_audit_logs_transaction on only audit_logs using btree (transaction_id, created_at);
alter table audit_logs enable row level security, force row level security;
-- A client may read rows of the organization of its claims, as owner or admin.
create policy tenantry_api_select on audit_logs for select to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may delete rows from inside a trigger, and not by a statement of its own.
create policy tenantry_owner_delete on audit_logs for delete to tenantry_owner
    using (pg_trigger_depth() > 0);
-- The owner may add rows from inside a trigger, and not by a statement of its own.
create policy tenantry_owner_insert on audit_logs for insert to tenantry_owner
    with check (pg_trigger_depth() > 0);
-- The owner may read every row.
create policy tenantry_owner_select on audit_logs for select to tenantry_owner
    using (true);
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on audit_logs for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant select on audit_logs to tenantry_api;
grant select on audit_logs to tenantry_staff;
create trigger refuse_truncate before truncate on audit_logs for each statement execute function refuse_log_change();

-- auth_group
create table auth_group (
    id integer generated by default as identity not null,
    name character varying(150) not null,
    constraint auth_group_pkey primary key (id),
    constraint auth_group_name_key unique (name)
);
-- For reading by name varchar_pattern_ops.
create index auth_group_name_a6ea08ec_like on auth_group using btree (name varchar_pattern_ops);
alter table auth_group enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on auth_group for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on auth_group for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The console may delete rows for a superuser in all organizations.
create policy tenantry_staff_delete on auth_group for delete to tenantry_staff
    using (select auth_all_orgs());
-- The console may add rows for a superuser in all organizations.
create policy tenantry_staff_insert on auth_group for insert to tenantry_staff
    with check (select auth_all_orgs());
-- The console may read rows in a scope of its own.
create policy tenantry_staff_select on auth_group for select to tenantry_staff
    using ((select auth_surface()) = 'console'::text);
-- The console may change rows for a superuser in all organizations.
create policy tenantry_staff_update on auth_group for update to tenantry_staff
    using (select auth_all_orgs())
    with check (select auth_all_orgs());
grant select on auth_group to tenantry_service;
grant delete, insert, select, update on auth_group to tenantry_staff;

-- auth_group_permissions
create table auth_group_permissions (
    id bigint generated by default as identity not null,
    group_id integer not null,
    permission_id integer not null,
    constraint auth_group_permissions_pkey primary key (id),
    constraint auth_group_permissions_group_id_permission_id_0cd325b0_uniq unique (group_id, permission_id),
    constraint fk_auth_group_permissions_group_id foreign key (group_id) references auth_group(id) on delete cascade,
    constraint fk_auth_group_permissions_permission_id foreign key (permission_id) references auth_permission(id) on delete cascade
);
-- Serves the foreign key fk_auth_group_permissions_group_id.
create index auth_group_permissions_group_id_b120cbf9 on auth_group_permissions using btree (group_id);
-- Serves the foreign key fk_auth_group_permissions_permission_id.
create index auth_group_permissions_permission_id_84c5c92e on auth_group_permissions using btree (permission_id);
alter table auth_group_permissions enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on auth_group_permissions for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on auth_group_permissions for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The console may delete rows for a superuser in all organizations.
create policy tenantry_staff_delete on auth_group_permissions for delete to tenantry_staff
    using (select auth_all_orgs());
-- The console may add rows for a superuser in all organizations.
create policy tenantry_staff_insert on auth_group_permissions for insert to tenantry_staff
    with check (select auth_all_orgs());
-- The console may read rows in a scope of its own.
create policy tenantry_staff_select on auth_group_permissions for select to tenantry_staff
    using ((select auth_surface()) = 'console'::text);
-- The console may change rows for a superuser in all organizations.
create policy tenantry_staff_update on auth_group_permissions for update to tenantry_staff
    using (select auth_all_orgs())
    with check (select auth_all_orgs());
grant select on auth_group_permissions to tenantry_service;
grant delete, insert, select, update on auth_group_permissions to tenantry_staff;

-- auth_permission
create table auth_permission (
    id integer generated by default as identity not null,
    name character varying(255) not null,
    content_type_id integer not null,
    codename character varying(100) not null,
    constraint auth_permission_pkey primary key (id),
    constraint auth_permission_content_type_id_codename_01ab375a_uniq unique (content_type_id, codename),
    constraint fk_auth_permission_content_type_id foreign key (content_type_id) references django_content_type(id) on delete cascade
);
-- Serves the foreign key fk_auth_permission_content_type_id.
create index auth_permission_content_type_id_2f476e4b on auth_permission using btree (content_type_id);
alter table auth_permission enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on auth_permission for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on auth_permission for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The console may read rows in a scope of its own.
create policy tenantry_staff_select on auth_permission for select to tenantry_staff
    using ((select auth_surface()) = 'console'::text);
grant select on auth_permission to tenantry_service;
grant select on auth_permission to tenantry_staff;

-- cleaning_batches: Cleanings of wrong access, one row per batch and organization.
create table cleaning_batches (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- As in audit_logs.
    batch_id uuid not null,
    state text default 'preview'::text not null,
    reason text default ''::text not null,
    -- An actor, as in the log.
    made_by text not null,
    -- The organization's rows of user_dso_access at the preview.
    access_rows bigint not null,
    -- How many of these would go.
    planned_rows bigint not null,
    -- People among those concerned whom the organization has as its only owner.
    last_owners text[] default '{}'::text[] not null,
    applied_by text default ''::text not null,
    applied_at timestamp with time zone,
    undone_by text default ''::text not null,
    undone_at timestamp with time zone,
    org_id uuid not null,
    constraint cleaning_batches_pkey primary key (org_id, id),
    constraint cleaning_batches_part unique (org_id, batch_id),
    constraint fk_cleaning_batches_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint cleaning_batches_reason check (((state = 'preview'::text) or (not (reason = ''::text)))),
    constraint cleaning_batches_state check ((state = any (array['preview'::text, 'applied'::text, 'undone'::text])))
);
-- For reading by batch_id.
create index idx_cleaning_batches_batch on cleaning_batches using btree (batch_id);
alter table cleaning_batches enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on cleaning_batches for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on cleaning_batches for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on cleaning_batches for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on cleaning_batches for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on cleaning_batches for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on cleaning_batches for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant select, update on cleaning_batches to tenantry_service;
grant insert, select, update on cleaning_batches to tenantry_staff;
create trigger audit_cleaning_batches after insert or delete or update on cleaning_batches for each row execute function audit_trigger_function('cleaning_batches', 'id', 'org_id', '{}');
create trigger log_truncate_cleaning_batches after truncate on cleaning_batches for each statement execute function log_truncate('cleaning_batches');
create trigger org_id_immutable_cleaning_batches before update on cleaning_batches for each row execute function keep_org_id();
create trigger set_updated_at_cleaning_batches before update on cleaning_batches for each row execute function set_updated_at();

-- cleaning_rows: The rows that cleanings removed or left, as they were.
create table cleaning_rows (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    table_name text not null,
    row_id uuid not null,
    -- No key: the evidence outlives the person.
    user_id uuid not null,
    email_lower text not null,
    -- What the row lets the person into.
    shown text not null,
    -- A line for each finding behind it.
    evidence text not null,
    finding_ids uuid[] default '{}'::uuid[] not null,
    -- The whole row: what it is compared with, and restored from.
    data jsonb not null,
    outcome text default 'planned'::text not null,
    batch_id uuid not null,
    org_id uuid not null,
    constraint cleaning_rows_pkey primary key (org_id, id),
    constraint cleaning_rows_row unique (org_id, batch_id, table_name, row_id),
    constraint fk_cleaning_rows_batch_id foreign key (org_id, batch_id) references cleaning_batches(org_id, id) on delete cascade,
    constraint fk_cleaning_rows_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint cleaning_rows_outcome check ((outcome = any (array['planned'::text, 'kept'::text, 'removed'::text, 'changed'::text, 'gone'::text, 'restored'::text, 'granter_gone'::text, 'person_gone'::text, 'dso_gone'::text, 'workspace_gone'::text, 'membership_gone'::text, 'there_again'::text])))
);
-- Serves the foreign key fk_cleaning_rows_batch_id.
create index cleaning_rows_batch_id_pair on cleaning_rows using btree (org_id, batch_id);
alter table cleaning_rows enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on cleaning_rows for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on cleaning_rows for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on cleaning_rows for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on cleaning_rows for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on cleaning_rows for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on cleaning_rows for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant select, update on cleaning_rows to tenantry_service;
grant insert, select, update on cleaning_rows to tenantry_staff;
create trigger org_id_immutable_cleaning_rows before update on cleaning_rows for each row execute function keep_org_id();
create trigger set_updated_at_cleaning_rows before update on cleaning_rows for each row execute function set_updated_at();

-- conversion_changes: What conversions changed, and how each change is undone.
create table conversion_changes (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    phase text not null,
    -- What was changed: column, trigger_gated, settings, policy_dropped …
    kind text not null,
    -- The object's name.
    name text not null,
    -- SQL, safe to run twice; empty where there is nothing to undo.
    undo text not null,
    -- Its undo runs outside a transaction: DROP INDEX CONCURRENTLY.
    alone boolean default false not null,
    -- Undone when its phase ends, and after a crash.
    temporary boolean default false not null,
    -- Undos run backwards in this order.
    made_at timestamp with time zone default clock_timestamp() not null,
    undone_at timestamp with time zone,
    conversion_id uuid not null,
    table_id uuid,
    constraint conversion_changes_pkey primary key (id),
    constraint fk_conversion_changes_conversion_id foreign key (conversion_id) references conversions(id) on delete cascade,
    constraint fk_conversion_changes_table_id foreign key (table_id) references conversion_tables(id) on delete cascade
);
-- Serves the foreign key fk_conversion_changes_conversion_id.
create index conversion_changes_conversion_id_0b49592f on conversion_changes using btree (conversion_id);
-- No two rows alike; serves the foreign key fk_conversion_changes_conversion_id; holds only rows where undone_at is
-- null.
create unique index conversion_changes_once on conversion_changes using btree (conversion_id, table_id, phase, kind, name) nulls not distinct where (undone_at is null);
-- Serves the foreign key fk_conversion_changes_table_id.
create index conversion_changes_table_id_fb414427 on conversion_changes using btree (table_id);
alter table conversion_changes enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on conversion_changes for all to tenantry_owner
    using (true)
    with check (true);
-- The console may read rows for a superuser in all organizations.
create policy tenantry_staff_select on conversion_changes for select to tenantry_staff
    using (select auth_all_orgs());
grant select on conversion_changes to tenantry_staff;
create trigger set_updated_at_conversion_changes before update on conversion_changes for each row execute function set_updated_at();

-- conversion_quarantine: Rows of conversions that wait for a person to name their organization.
create table conversion_quarantine (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- Key columns and values as text; the ctid where there is no key.
    row_key jsonb not null,
    reason text not null,
    candidates uuid[] default '{}'::uuid[] not null,
    -- An actor, as in the log.
    decided_by text default ''::text not null,
    decided_at timestamp with time zone,
    -- When the row got its organization.
    applied_at timestamp with time zone,
    decided_org_id uuid,
    table_id uuid not null,
    constraint conversion_quarantine_pkey primary key (id),
    constraint conversion_quarantine_row unique (table_id, row_key),
    constraint fk_conversion_quarantine_decided_org_id foreign key (decided_org_id) references organizations(id) on delete set null,
    constraint fk_conversion_quarantine_table_id foreign key (table_id) references conversion_tables(id) on delete cascade,
    constraint conversion_quarantine_reason check ((reason = any (array['no_person'::text, 'unknown_person'::text, 'no_org'::text, 'many_orgs'::text, 'no_parent'::text, 'parent_without_org'::text])))
);
-- Serves the foreign key fk_conversion_quarantine_decided_org_id.
create index conversion_quarantine_decided_org_id_fe6e2727 on conversion_quarantine using btree (decided_org_id);
-- Serves the foreign key fk_conversion_quarantine_table_id.
create index conversion_quarantine_table_id_0ba757ab on conversion_quarantine using btree (table_id);
alter table conversion_quarantine enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on conversion_quarantine for all to tenantry_owner
    using (true)
    with check (true);
-- The console may read rows for a superuser in all organizations.
create policy tenantry_staff_select on conversion_quarantine for select to tenantry_staff
    using (select auth_all_orgs());
-- The console may change rows for a superuser in all organizations.
create policy tenantry_staff_update on conversion_quarantine for update to tenantry_staff
    using (select auth_all_orgs())
    with check (select auth_all_orgs());
grant select, update (decided_by, decided_at, decided_org_id) on conversion_quarantine to tenantry_staff;
create trigger audit_conversion_quarantine after insert or delete or update on conversion_quarantine for each row execute function audit_trigger_function('conversion_quarantine', 'id', '', '{}');
create trigger log_truncate_conversion_quarantine after truncate on conversion_quarantine for each statement execute function log_truncate('conversion_quarantine');
create trigger set_updated_at_conversion_quarantine before update on conversion_quarantine for each row execute function set_updated_at();

-- conversion_requests: What people asked of conversions from the console, and what came of it.
create table conversion_requests (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    verb text not null,
    -- An actor, as in the log.
    asked_by text not null,
    -- host:pid of who carries it out.
    worker text default ''::text not null,
    taken_at timestamp with time zone,
    finished_at timestamp with time zone,
    -- Wholly: nothing waits, the proof holds.
    done boolean default false not null,
    -- What came of it, in sentences.
    outcome text default ''::text not null,
    -- Of `verify`: every check, as --json gives it.
    proof jsonb,
    conversion_id uuid not null,
    constraint conversion_requests_pkey primary key (id),
    constraint fk_conversion_requests_conversion_id foreign key (conversion_id) references conversions(id) on delete cascade,
    constraint conversion_requests_verb check ((verb = any (array['run'::text, 'verify'::text])))
);
-- Serves the foreign key fk_conversion_requests_conversion_id.
create index conversion_requests_conversion_id_6e48a88d on conversion_requests using btree (conversion_id);
-- No two rows alike; serves the foreign key fk_conversion_requests_conversion_id; holds only rows where finished_at is
-- null.
create unique index conversion_requests_once on conversion_requests using btree (conversion_id, verb) where (finished_at is null);
alter table conversion_requests enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on conversion_requests for all to tenantry_owner
    using (true)
    with check (true);
-- The console may add rows of the acting person, for a superuser in all organizations.
create policy tenantry_staff_insert on conversion_requests for insert to tenantry_staff
    with check ((select auth_all_orgs()) and (asked_by = ('user:'::text || (select auth_user_id()))) and (taken_at is null) and (finished_at is null));
-- The console may read rows for a superuser in all organizations.
create policy tenantry_staff_select on conversion_requests for select to tenantry_staff
    using (select auth_all_orgs());
grant insert, select on conversion_requests to tenantry_staff;
create trigger audit_conversion_requests after insert or delete or update on conversion_requests for each row execute function audit_trigger_function('conversion_requests', 'id', '', '{}');
create trigger log_truncate_conversion_requests after truncate on conversion_requests for each statement execute function log_truncate('conversion_requests');
create trigger set_updated_at_conversion_requests before update on conversion_requests for each row execute function set_updated_at();

-- conversion_shares: Ranges of rows that workers share.
create table conversion_shares (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    number integer not null,
    -- From where (exclusive) to where (inclusive), in its strategy's words.
    bounds jsonb not null,
    -- Where the last committed batch ended.
    cursor jsonb,
    state text default 'open'::text not null,
    -- host:pid of who has it.
    worker text default ''::text not null,
    -- Of the lease: who lost it can no longer write.
    token uuid,
    lease_until timestamp with time zone,
    batch_size integer default 0 not null,
    rows_passed bigint default 0 not null,
    rows_changed bigint default 0 not null,
    -- Why it is parked.
    reason text default ''::text not null,
    table_id uuid not null,
    constraint conversion_shares_pkey primary key (id),
    constraint conversion_shares_number unique (table_id, number),
    constraint fk_conversion_shares_table_id foreign key (table_id) references conversion_tables(id) on delete cascade,
    constraint conversion_shares_batch_size_check check ((batch_size >= 0)),
    constraint conversion_shares_number_check check ((number >= 0)),
    constraint conversion_shares_state check ((state = any (array['open'::text, 'taken'::text, 'done'::text, 'parked'::text])))
);
-- Serves the foreign key fk_conversion_shares_table_id.
create index conversion_shares_table_id_58ff6caf on conversion_shares using btree (table_id);
alter table conversion_shares enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on conversion_shares for all to tenantry_owner
    using (true)
    with check (true);
-- The console may read rows for a superuser in all organizations.
create policy tenantry_staff_select on conversion_shares for select to tenantry_staff
    using (select auth_all_orgs());
grant select on conversion_shares to tenantry_staff;
create trigger set_updated_at_conversion_shares before update on conversion_shares for each row execute function set_updated_at();

-- conversion_tables: The tables of each conversion, with their progress.
create table conversion_tables (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- schema.table, quoted where SQL wants it.
    name text not null,
    -- Of the table: a renamed table stays the same one.
    oid bigint not null,
    -- Parents before children.
    position integer not null,
    -- Its section of the plan, defaults filled in.
    decisions jsonb not null,
    phase text default 'start'::text not null,
    state text default 'waiting'::text not null,
    -- Why it is held or parked.
    reason text default ''::text not null,
    -- How its rows are filled.
    strategy text default ''::text not null,
    strategy_reason text default ''::text not null,
    -- Where the fill ends: rows beyond are the trigger's.
    bound jsonb,
    -- What its guard left standing, for the doctor.
    guarded jsonb,
    rows_estimate bigint default 0 not null,
    rows_passed bigint default 0 not null,
    rows_changed bigint default 0 not null,
    fill_started_at timestamp with time zone,
    fill_finished_at timestamp with time zone,
    conversion_id uuid not null,
    constraint conversion_tables_pkey primary key (id),
    constraint conversion_tables_name unique (conversion_id, name),
    constraint fk_conversion_tables_conversion_id foreign key (conversion_id) references conversions(id) on delete cascade,
    constraint conversion_tables_phase check ((phase = any (array['start'::text, 'column'::text, 'fill'::text, 'constrain'::text, 'guard'::text, 'cutover'::text, 'release'::text]))),
    constraint conversion_tables_position_check check (("position" >= 0)),
    constraint conversion_tables_state check ((state = any (array['waiting'::text, 'working'::text, 'held'::text, 'parked'::text, 'done'::text])))
);
-- Serves the foreign key fk_conversion_tables_conversion_id.
create index conversion_tables_conversion_id_dfe49227 on conversion_tables using btree (conversion_id);
alter table conversion_tables enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on conversion_tables for all to tenantry_owner
    using (true)
    with check (true);
-- The console may read rows for a superuser in all organizations.
create policy tenantry_staff_select on conversion_tables for select to tenantry_staff
    using (select auth_all_orgs());
grant select on conversion_tables to tenantry_staff;
create trigger set_updated_at_conversion_tables before update on conversion_tables for each row execute function set_updated_at();

-- conversion_workers: Processes that work, or worked, on a conversion.
create table conversion_workers (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- host:pid
    name text not null,
    -- What it does right now.
    task text default ''::text not null,
    -- Why it waits, and until when.
    held_because text default ''::text not null,
    seen_at timestamp with time zone default statement_timestamp() not null,
    ended_at timestamp with time zone,
    conversion_id uuid not null,
    constraint conversion_workers_pkey primary key (id),
    constraint fk_conversion_workers_conversion_id foreign key (conversion_id) references conversions(id) on delete cascade
);
-- Serves the foreign key fk_conversion_workers_conversion_id.
create index conversion_workers_conversion_id_3028a1bd on conversion_workers using btree (conversion_id);
-- Serves the foreign key fk_conversion_workers_conversion_id.
create index idx_conversion_workers_seen on conversion_workers using btree (conversion_id, seen_at);
alter table conversion_workers enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on conversion_workers for all to tenantry_owner
    using (true)
    with check (true);
-- The console may read rows for a superuser in all organizations.
create policy tenantry_staff_select on conversion_workers for select to tenantry_staff
    using (select auth_all_orgs());
grant select on conversion_workers to tenantry_staff;
create trigger set_updated_at_conversion_workers before update on conversion_workers for each row execute function set_updated_at();

-- conversions: Conversions of tables from persons to organizations, newest last.
create table conversions (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- What people call it by: --run 7.
    number integer not null,
    -- The schemas that its plan covers.
    schemas text[] not null,
    -- The plan file as it was last run, to the letter.
    plan text not null,
    -- Of the schema as discover saw it.
    fingerprint text not null,
    -- SQL type of a person's key in the old database.
    people_type text not null,
    state text default 'open'::text not null,
    pause_reason text default ''::text not null,
    -- An actor, as in the log.
    paused_by text default ''::text not null,
    -- Set: workers end after their batch.
    paused_at timestamp with time zone,
    finished_at timestamp with time zone,
    -- Where the plan was last read from, as it was typed.
    plan_file text default ''::text not null,
    constraint conversions_pkey primary key (id),
    constraint conversions_number_key unique (number),
    constraint conversions_number_check check ((number >= 0)),
    constraint conversions_state check ((state = any (array['open'::text, 'released'::text, 'undone'::text])))
);
alter table conversions enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on conversions for all to tenantry_owner
    using (true)
    with check (true);
-- The console may read rows for a superuser in all organizations.
create policy tenantry_staff_select on conversions for select to tenantry_staff
    using (select auth_all_orgs());
-- The console may change rows for a superuser in all organizations.
create policy tenantry_staff_update on conversions for update to tenantry_staff
    using (select auth_all_orgs())
    with check (select auth_all_orgs());
grant select, update (pause_reason, paused_by, paused_at) on conversions to tenantry_staff;
create trigger audit_conversions after insert or delete or update on conversions for each row execute function audit_trigger_function('conversions', 'id', '', '{}');
create trigger log_truncate_conversions after truncate on conversions for each statement execute function log_truncate('conversions');
create trigger set_updated_at_conversions before update on conversions for each row execute function set_updated_at();

-- customers: Who buys from an organization; deleted softly.
create table customers (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    deleted_at timestamp with time zone,
    -- Shared by the rows that went together and come back together.
    deletion_id uuid,
    name text not null,
    -- For searching: lower(name) itself would lose its index under row-level security.
    name_lower text generated always as (lower(name)) stored,
    email character varying(254) default ''::character varying not null,
    -- For searching.
    email_lower text generated always as (lower((email)::text)) stored,
    company text default ''::text not null,
    industry text default ''::text not null,
    -- The sum of this customer's revenue, kept by trigger.
    total_revenue numeric(12,2) default 0 not null,
    -- The latest date of this customer's revenue, kept by trigger.
    last_purchase_date timestamp with time zone,
    status text default 'active'::text not null,
    org_id uuid not null,
    constraint customers_pkey primary key (org_id, id),
    constraint fk_customers_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint customers_name_given check ((not (name = ''::text))),
    constraint customers_status check ((status = any (array['active'::text, 'inactive'::text, 'churned'::text])))
);
-- Holds only rows where deletion_id is not null.
create index idx_customers_deletion on customers using btree (org_id, deletion_id) where (deletion_id is not null);
-- For reading by org_id, email_lower.
create index idx_customers_email on customers using btree (org_id, email_lower);
-- For reading by org_id, name_lower.
create index idx_customers_name on customers using btree (org_id, name_lower);
-- Holds only rows where deleted_at is null.
create index idx_customers_status on customers using btree (org_id, status) where (deleted_at is null);
alter table customers enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_delete on customers for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_insert on customers for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims, that are not deleted.
create policy tenantry_api_select on customers for select to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null));
-- A client may change rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_update on customers for update to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on customers for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on customers for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on customers for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on customers for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on customers for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on customers for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on customers for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on customers to tenantry_api;
grant select, update on customers to tenantry_service;
grant delete, insert, select, update on customers to tenantry_staff;
create trigger audit_customers after insert or delete or update on customers for each row execute function audit_trigger_function('customers', 'id', 'org_id', '{}');
create trigger log_truncate_customers after truncate on customers for each statement execute function log_truncate('customers');
create trigger org_id_immutable_customers before update on customers for each row execute function keep_org_id();
create trigger set_updated_at_customers before update on customers for each row execute function set_updated_at();
create trigger soft_delete_customers before delete on customers for each row execute function soft_delete('{}');

-- django_admin_log
create table django_admin_log (
    id integer generated by default as identity not null,
    action_time timestamp with time zone not null,
    object_id text,
    object_repr character varying(200) not null,
    action_flag smallint not null,
    change_message text not null,
    content_type_id integer,
    user_id uuid not null,
    constraint django_admin_log_pkey primary key (id),
    constraint fk_django_admin_log_content_type_id foreign key (content_type_id) references django_content_type(id) on delete set null,
    constraint fk_django_admin_log_user_id foreign key (user_id) references users(id) on delete cascade,
    constraint django_admin_log_action_flag_check check ((action_flag >= 0))
);
-- Serves the foreign key fk_django_admin_log_content_type_id.
create index django_admin_log_content_type_id_c4bce8eb on django_admin_log using btree (content_type_id);
-- Serves the foreign key fk_django_admin_log_user_id.
create index django_admin_log_user_id_c564eba6 on django_admin_log using btree (user_id);
alter table django_admin_log enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on django_admin_log for all to tenantry_owner
    using (true)
    with check (true);

-- django_content_type
create table django_content_type (
    id integer generated by default as identity not null,
    app_label character varying(100) not null,
    model character varying(100) not null,
    constraint django_content_type_pkey primary key (id),
    constraint django_content_type_app_label_model_76bd3d3b_uniq unique (app_label, model)
);
alter table django_content_type enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on django_content_type for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on django_content_type for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The console may read rows in a scope of its own.
create policy tenantry_staff_select on django_content_type for select to tenantry_staff
    using ((select auth_surface()) = 'console'::text);
grant select on django_content_type to tenantry_service;
grant select on django_content_type to tenantry_staff;

-- django_migrations
create table django_migrations (
    id bigint generated by default as identity not null,
    app character varying(255) not null,
    name character varying(255) not null,
    applied timestamp with time zone not null,
    constraint django_migrations_pkey primary key (id)
);
alter table django_migrations enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on django_migrations for all to tenantry_owner
    using (true)
    with check (true);

-- django_session
create table django_session (
    session_key character varying(40) not null,
    session_data text not null,
    expire_date timestamp with time zone not null,
    constraint django_session_pkey primary key (session_key)
);
-- For reading by expire_date.
create index django_session_expire_date_a5c62663 on django_session using btree (expire_date);
-- For reading by session_key varchar_pattern_ops.
create index django_session_session_key_c0390e0f_like on django_session using btree (session_key varchar_pattern_ops);
alter table django_session enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on django_session for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may delete rows in a scope of its own.
create policy tenantry_service_delete on django_session for delete to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on django_session for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on django_session for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on django_session for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
grant delete, insert, select, update on django_session to tenantry_service;

-- doctor_runs: What the doctor found, each time it looked at the whole database.
create table doctor_runs (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- The command that looked: doctor, or maintain.
    made_by text not null,
    errors integer default 0 not null,
    warnings integer default 0 not null,
    -- Findings of the level info.
    notes integer default 0 not null,
    -- The gravest of them, each as `manage.py doctor --json` gives it.
    findings jsonb not null,
    constraint doctor_runs_pkey primary key (id),
    constraint doctor_runs_errors_check check ((errors >= 0)),
    constraint doctor_runs_notes_check check ((notes >= 0)),
    constraint doctor_runs_warnings_check check ((warnings >= 0))
);
alter table doctor_runs enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on doctor_runs for all to tenantry_owner
    using (true)
    with check (true);
-- The console may read rows for a superuser in all organizations.
create policy tenantry_staff_select on doctor_runs for select to tenantry_staff
    using (select auth_all_orgs());
grant select on doctor_runs to tenantry_staff;
create trigger set_updated_at_doctor_runs before update on doctor_runs for each row execute function set_updated_at();

-- doctors: Doctors of DSOs; deleted softly.
create table doctors (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    deleted_at timestamp with time zone,
    -- Shared by the rows that went together and come back together.
    deletion_id uuid,
    name text not null,
    dso_id uuid not null,
    org_id uuid not null,
    -- For searching: name in lower case, its first 200 letters, kept by trigger.
    name_lower text,
    constraint doctors_pkey primary key (org_id, id),
    constraint fk_doctors_dso_id foreign key (org_id, dso_id) references dsos(org_id, id) on delete cascade,
    constraint fk_doctors_org_id foreign key (org_id) references organizations(id) on delete cascade
);
-- Serves the foreign key fk_doctors_dso_id.
create index doctors_dso_id_pair on doctors using btree (org_id, dso_id);
-- Holds only rows where deletion_id is not null.
create index idx_doctors_deletion on doctors using btree (org_id, deletion_id) where (deletion_id is not null);
-- For reading by org_id, name_lower.
create index idx_doctors_org_name on doctors using btree (org_id, name_lower);
alter table doctors enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_delete on doctors for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_insert on doctors for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims, of DSOs it holds access to, that are not deleted, as owner
-- or admin.
create policy tenantry_api_select on doctors for select to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and (((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) or (dso_id = any (( select private.visible_dsos() as visible_dsos)::uuid[]))));
-- A client may change rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_update on doctors for update to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on doctors for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on doctors for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on doctors for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on doctors for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on doctors for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on doctors for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on doctors for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on doctors to tenantry_api;
grant select, update on doctors to tenantry_service;
grant delete, insert, select, update on doctors to tenantry_staff;
create trigger audit_doctors after insert or delete or update on doctors for each row execute function audit_trigger_function('doctors', 'id', 'org_id', '{}');
create trigger log_truncate_doctors after truncate on doctors for each statement execute function log_truncate('doctors');
create trigger org_id_immutable_doctors before update on doctors for each row execute function keep_org_id();
create trigger set_updated_at_doctors before update on doctors for each row execute function set_updated_at();
create trigger soft_delete_doctors before delete on doctors for each row execute function soft_delete('{}');
create trigger zz_keep_name_lower before insert or update on doctors for each row execute function keep_name_lower();

-- dsos: Dental service organizations; deleted softly, with their doctors.
create table dsos (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    deleted_at timestamp with time zone,
    -- Shared by the rows that went together and come back together.
    deletion_id uuid,
    name text not null,
    org_id uuid not null,
    -- For searching: name in lower case, its first 200 letters, kept by trigger.
    name_lower text,
    constraint dsos_pkey primary key (org_id, id),
    constraint fk_dsos_org_id foreign key (org_id) references organizations(id) on delete cascade
);
-- Holds only rows where deletion_id is not null.
create index idx_dsos_deletion on dsos using btree (org_id, deletion_id) where (deletion_id is not null);
-- For reading by org_id, name_lower.
create index idx_dsos_org_name on dsos using btree (org_id, name_lower);
alter table dsos enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_delete on dsos for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_insert on dsos for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims, of DSOs it holds access to, that are not deleted, as owner
-- or admin.
create policy tenantry_api_select on dsos for select to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and (((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) or (id = any (( select private.visible_dsos() as visible_dsos)::uuid[]))));
-- A client may change rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_update on dsos for update to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on dsos for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on dsos for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on dsos for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on dsos for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on dsos for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on dsos for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on dsos for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on dsos to tenantry_api;
grant select, update on dsos to tenantry_service;
grant delete, insert, select, update on dsos to tenantry_staff;
create trigger audit_dsos after insert or delete or update on dsos for each row execute function audit_trigger_function('dsos', 'id', 'org_id', '{}');
create trigger log_truncate_dsos after truncate on dsos for each statement execute function log_truncate('dsos');
create trigger org_id_immutable_dsos before update on dsos for each row execute function keep_org_id();
create trigger set_updated_at_dsos before update on dsos for each row execute function set_updated_at();
create trigger soft_delete_dsos before delete on dsos for each row execute function soft_delete('{doctors:dso_id}');
create trigger zz_keep_name_lower before insert or update on dsos for each row execute function keep_name_lower();

-- integration_connections: Accounts at other systems; credentials are in private.vault_secrets, encrypted.
create table integration_connections (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- The adapter that reads from it.
    provider text not null,
    name text not null,
    status text default 'active'::text not null,
    -- What the adapter asks for; no secrets.
    settings jsonb default '{}'::jsonb not null,
    -- Why the status is error.
    last_error text default ''::text not null,
    last_synced_at timestamp with time zone,
    -- private.vault_secrets.id.
    vault_secret_id uuid,
    -- So that people tell credentials apart.
    credential_last_four text default ''::text not null,
    credential_set_at timestamp with time zone,
    org_id uuid not null,
    constraint integration_connections_pkey primary key (org_id, id),
    constraint integration_connections_name unique (org_id, name),
    constraint fk_integration_connections_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint integration_connections_name_given check ((not (name = ''::text))),
    constraint integration_connections_provider check ((provider ~ '^[a-z][a-z0-9_]{1,62}$'::text)),
    constraint integration_connections_status check ((status = any (array['active'::text, 'paused'::text, 'error'::text, 'revoked'::text])))
);
alter table integration_connections enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, as owner or admin.
create policy tenantry_api_delete on integration_connections for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on integration_connections for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) and (vault_secret_id is null));
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on integration_connections for select to tenantry_api
    using (org_id = (select auth_org_id()));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on integration_connections for update to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on integration_connections for all to tenantry_owner
    using (true)
    with check (true);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on integration_connections for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on integration_connections for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on integration_connections for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on integration_connections for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update (name, status, settings) on integration_connections to tenantry_api;
grant delete, insert, select, update on integration_connections to tenantry_staff;
create trigger audit_integration_connections after insert or delete or update on integration_connections for each row execute function audit_trigger_function('integration_connections', 'id', 'org_id', '{credential_last_four,credential_set_at,vault_secret_id}');
create trigger log_truncate_integration_connections after truncate on integration_connections for each statement execute function log_truncate('integration_connections');
create trigger org_id_immutable_integration_connections before update on integration_connections for each row execute function keep_org_id();
create trigger set_updated_at_integration_connections before update on integration_connections for each row execute function set_updated_at();

-- invitations: People asked into an organization who have not accepted, or have.
create table invitations (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    email character varying(254) not null,
    email_lower text generated always as (lower((email)::text)) stored,
    role text default 'member'::text not null,
    state text default 'pending'::text not null,
    -- SHA-256 of the token; the token itself is only in the mail.
    token_hash text not null,
    expires_at timestamp with time zone not null,
    sent_at timestamp with time zone not null,
    accepted_at timestamp with time zone,
    accepted_by_id uuid,
    invited_by_id uuid,
    org_id uuid not null,
    constraint invitations_pkey primary key (org_id, id),
    constraint invitations_token unique (token_hash, org_id),
    constraint fk_invitations_accepted_by_id foreign key (accepted_by_id) references users(id) on delete set null,
    constraint fk_invitations_invited_by_id foreign key (invited_by_id) references users(id) on delete set null,
    constraint fk_invitations_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint invitations_role check ((role = any (array['owner'::text, 'admin'::text, 'member'::text]))),
    constraint invitations_state check ((state = any (array['pending'::text, 'accepted'::text, 'revoked'::text])))
);
-- Serves the foreign key fk_invitations_accepted_by_id.
create index invitations_accepted_by_id_3c4ce36b on invitations using btree (accepted_by_id);
-- Serves the foreign key fk_invitations_invited_by_id.
create index invitations_invited_by_id_d46285c5 on invitations using btree (invited_by_id);
-- No two rows alike; holds only rows where state = 'pending'::text.
create unique index invitations_one_pending on invitations using btree (org_id, email_lower) where (state = 'pending'::text);
alter table invitations enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, as owner or admin.
create policy tenantry_api_delete on invitations for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on invitations for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) and ((role <> 'owner'::text) or ((select auth_user_role()) = 'owner'::text)));
-- A client may read rows of the organization of its claims, as owner or admin.
create policy tenantry_api_select on invitations for select to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on invitations for update to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) and ((role <> 'owner'::text) or ((select auth_user_role()) = 'owner'::text)))
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) and ((role <> 'owner'::text) or ((select auth_user_role()) = 'owner'::text)));
-- The owner may do everything with every row.
create policy tenantry_owner_all on invitations for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on invitations for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on invitations for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on invitations for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on invitations for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on invitations for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on invitations for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on invitations to tenantry_api;
grant select, update on invitations to tenantry_service;
grant delete, insert, select, update on invitations to tenantry_staff;
create trigger audit_invitations after insert or delete or update on invitations for each row execute function audit_trigger_function('invitations', 'id', 'org_id', '{token_hash}');
create trigger log_truncate_invitations after truncate on invitations for each statement execute function log_truncate('invitations');
create trigger org_id_immutable_invitations before update on invitations for each row execute function keep_org_id();
create trigger set_updated_at_invitations before update on invitations for each row execute function set_updated_at();

-- metric_definitions: What is measured, and how it is added up; for all organizations.
create table metric_definitions (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- Its name in events and requests; never changed.
    key text not null,
    -- The system that it comes from.
    source text default ''::text not null,
    display_name text not null,
    -- USD, visits, minutes, …
    unit text default ''::text not null,
    aggregation_method text default 'sum'::text not null,
    category text default ''::text not null,
    metadata jsonb default '{}'::jsonb not null,
    constraint metric_definitions_pkey primary key (id),
    constraint metric_definitions_key_key unique (key),
    constraint metric_definitions_aggregation check ((aggregation_method = any (array['sum'::text, 'avg'::text, 'min'::text, 'max'::text, 'last'::text, 'count'::text, 'p95'::text]))),
    constraint metric_definitions_display_name check ((not (display_name = ''::text))),
    constraint metric_definitions_key check ((key ~ '^[a-z][a-z0-9_.]{0,99}$'::text))
);
-- For reading by key text_pattern_ops.
create index metric_definitions_key_1c628e18_like on metric_definitions using btree (key text_pattern_ops);
alter table metric_definitions enable row level security, force row level security;
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on metric_definitions for select to tenantry_api
    using ((select auth_org_id()) is not null);
-- The owner may do everything with every row.
create policy tenantry_owner_all on metric_definitions for all to tenantry_owner
    using (true)
    with check (true);
-- The console may delete rows for a superuser in all organizations.
create policy tenantry_staff_delete on metric_definitions for delete to tenantry_staff
    using (select auth_all_orgs());
-- The console may add rows for a superuser in all organizations.
create policy tenantry_staff_insert on metric_definitions for insert to tenantry_staff
    with check (select auth_all_orgs());
-- The console may read rows in a scope of its own.
create policy tenantry_staff_select on metric_definitions for select to tenantry_staff
    using ((select auth_surface()) = 'console'::text);
-- The console may change rows for a superuser in all organizations.
create policy tenantry_staff_update on metric_definitions for update to tenantry_staff
    using (select auth_all_orgs())
    with check (select auth_all_orgs());
grant select on metric_definitions to tenantry_api;
grant delete, insert, select, update on metric_definitions to tenantry_staff;
create trigger audit_metric_definitions after insert or delete or update on metric_definitions for each row execute function audit_trigger_function('metric_definitions', 'id', '', '{}');
create trigger log_truncate_metric_definitions after truncate on metric_definitions for each statement execute function log_truncate('metric_definitions');
create trigger set_updated_at_metric_definitions before update on metric_definitions for each row execute function set_updated_at();

-- metric_events: Measurements, partitioned by month of recorded_at.
create table metric_events (
    created_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- When it was measured; created_at is when it arrived.
    recorded_at timestamp with time zone not null,
    -- metric_definitions.key.
    metric_key text not null,
    value numeric(24,6) not null,
    dimensions jsonb default '{}'::jsonb not null,
    -- The sender's name for it: sent twice with the same time, it counts once.
    client_event_id text,
    org_id uuid not null,
    store_id uuid,
    constraint metric_events_pkey primary key (org_id, recorded_at, id),
    constraint fk_metric_events_metric_key foreign key (metric_key) references metric_definitions(key),
    constraint fk_metric_events_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint fk_metric_events_store_id foreign key (org_id, store_id) references stores(org_id, id) on delete set null (store_id),
    constraint metric_events_recorded_at check (((recorded_at >= '2000-01-01 00:00:00+00'::timestamp with time zone) and (recorded_at < '2100-01-01 00:00:00+00'::timestamp with time zone))),
    constraint metric_events_value check (((value >= '-999999999999999999.999999'::numeric) and (value <= 999999999999999999.999999)))
) partition by RANGE (recorded_at);
-- Serves the foreign key fk_metric_events_metric_key.
create index idx_metric_events_metric on only metric_events using btree (metric_key, org_id, recorded_at desc);
-- Serves the foreign key fk_metric_events_store_id.
create index idx_metric_events_store on only metric_events using btree (org_id, store_id, recorded_at desc);
-- No two rows alike; holds only rows where client_event_id is not null.
create unique index metric_events_client_event on only metric_events using btree (org_id, recorded_at, client_event_id) where (client_event_id is not null);
alter table metric_events enable row level security, force row level security;
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on metric_events for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on metric_events for select to tenantry_api
    using (org_id = (select auth_org_id()));
-- The owner may do everything with every row.
create policy tenantry_owner_all on metric_events for all to tenantry_owner
    using (true)
    with check (true);
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on metric_events for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant insert, select on metric_events to tenantry_api;
grant select on metric_events to tenantry_staff;
create trigger org_id_immutable_metric_events before update on metric_events for each row execute function keep_org_id();

-- org_members: Who is in which organization, with which role.
create table org_members (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    role text default 'member'::text not null,
    state text default 'active'::text not null,
    -- When the person became active; kept afterwards.
    joined_at timestamp with time zone,
    org_id uuid not null,
    user_id uuid not null,
    constraint org_members_pkey primary key (org_id, id),
    constraint org_members_person unique (org_id, user_id),
    constraint fk_org_members_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint fk_org_members_user_id foreign key (user_id) references users(id) on delete cascade,
    constraint org_members_joined_at check (((not (state = 'active'::text)) or (joined_at is not null))),
    constraint org_members_role check ((role = any (array['owner'::text, 'admin'::text, 'member'::text]))),
    constraint org_members_state check ((state = any (array['pending'::text, 'active'::text, 'inactive'::text])))
);
-- Serves the foreign key fk_org_members_user_id.
create index idx_org_members_user on org_members using btree (user_id, joined_at, id);
alter table org_members enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, of the acting person, as owner or admin.
create policy tenantry_api_delete on org_members for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and ((((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) and ((role <> 'owner'::text) or ((select auth_user_role()) = 'owner'::text))) or (user_id = (select auth_user_id()))));
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on org_members for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) and ((role <> 'owner'::text) or ((select auth_user_role()) = 'owner'::text)));
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on org_members for select to tenantry_api
    using (org_id = (select auth_org_id()));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on org_members for update to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) and ((role <> 'owner'::text) or ((select auth_user_role()) = 'owner'::text)))
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])) and ((role <> 'owner'::text) or ((select auth_user_role()) = 'owner'::text)));
-- The owner may do everything with every row.
create policy tenantry_owner_all on org_members for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may delete rows in a scope of its own.
create policy tenantry_service_delete on org_members for delete to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on org_members for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on org_members for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on org_members for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on org_members for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on org_members for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on org_members for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on org_members for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on org_members to tenantry_api;
grant delete, insert, select, update on org_members to tenantry_service;
grant delete, insert, select, update on org_members to tenantry_staff;
create trigger audit_org_members after insert or delete or update on org_members for each row execute function audit_trigger_function('org_members', 'id', 'org_id', '{}');
create trigger keep_an_owner after delete or update on org_members for each row when (((old.role = 'owner'::text) and (old.state = 'active'::text))) execute function keep_an_owner();
create trigger log_truncate_org_members after truncate on org_members for each statement execute function log_truncate('org_members');
create trigger org_id_immutable_org_members before update on org_members for each row execute function keep_org_id();
create trigger set_updated_at_org_members before update on org_members for each row execute function set_updated_at();

-- organizations: Customers; the id is the org_id of every org table.
create table organizations (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- Its name in addresses.
    slug text not null,
    -- The slug with look-alike letters made equal: two organizations cannot be mistaken for each other.
    slug_skeleton text generated always as (replace(replace(translate(slug, '01i-'::text, 'oll'::text), 'm'::text, 'rn'::text), 'w'::text, 'vv'::text)) stored,
    name text not null,
    status text default 'active'::text not null,
    -- When deletion was asked for; it is final after a grace period.
    deleting_since timestamp with time zone,
    plan_tier text default 'free'::text not null,
    feature_flags jsonb default '{}'::jsonb not null,
    white_label_config jsonb default '{}'::jsonb not null,
    created_by_id uuid,
    -- Whether it was suspended when deletion was asked for: restored, it is so again.
    was_suspended boolean default false not null,
    constraint organizations_pkey primary key (id),
    constraint organizations_slug_key unique (slug),
    constraint organizations_slug_skeleton_key unique (slug_skeleton),
    constraint fk_organizations_created_by_id foreign key (created_by_id) references users(id) on delete set null,
    constraint organizations_deleting_since check ((((deleting_since is not null) and (status = 'deleting'::text)) or ((not (status = 'deleting'::text)) and (deleting_since is null)))),
    constraint organizations_name check ((not (name = ''::text))),
    constraint organizations_plan_tier check ((plan_tier = any (array['free'::text, 'growth'::text, 'enterprise'::text]))),
    constraint organizations_slug check ((((length(slug) >= 2) and (length(slug) <= 63)) and (slug ~ '^[a-z0-9]+(?:-[a-z0-9]+)*$'::text))),
    constraint organizations_slug_reserved check ((not (slug = any (array['about'::text, 'abuse'::text, 'access'::text, 'account'::text, 'accounts'::text, 'admin'::text, 'administrator'::text, 'api'::text, 'app'::text, 'apps'::text, 'assets'::text, 'audit'::text, 'auth'::text, 'billing'::text, 'blog'::text, 'callback'::text, 'cdn'::text, 'console'::text, 'contact'::text, 'dashboard'::text, 'dev'::text, 'docs'::text, 'download'::text, 'email'::text, 'embed'::text, 'events'::text, 'export'::text, 'favicon'::text, 'feedback'::text, 'ftp'::text, 'graphql'::text, 'health'::text, 'healthz'::text, 'help'::text, 'home'::text, 'hooks'::text, 'host'::text, 'hostmaster'::text, 'imap'::text, 'import'::text, 'info'::text, 'internal'::text, 'invitations'::text, 'invite'::text, 'jobs'::text, 'legal'::text, 'livez'::text, 'local'::text, 'localhost'::text, 'login'::text, 'logout'::text, 'mail'::text, 'me'::text, 'media'::text, 'metrics'::text, 'mx'::text, 'new'::text, 'ns'::text, 'null'::text, 'oauth'::text, 'openapi'::text, 'organization'::text, 'organizations'::text, 'owner'::text, 'ping'::text, 'pop'::text, 'postmaster'::text, 'pricing'::text, 'privacy'::text, 'private'::text, 'profile'::text, 'public'::text, 'readyz'::text, 'redirect'::text, 'register'::text, 'robots'::text, 'root'::text, 'rss'::text, 'schema'::text, 'security'::text, 'service'::text, 'settings'::text, 'signin'::text, 'signout'::text, 'signup'::text, 'sitemap'::text, 'smtp'::text, 'sso'::text, 'staff'::text, 'staging'::text, 'static'::text, 'status'::text, 'store'::text, 'support'::text, 'sync'::text, 'sysadmin'::text, 'system'::text, 'team'::text, 'teams'::text, 'tenantry'::text, 'terms'::text, 'test'::text, 'tokens'::text, 'undefined'::text, 'upload'::text, 'uploads'::text, 'user'::text, 'users'::text, 'webhooks'::text, 'webmaster'::text, 'well-known'::text, 'workspaces'::text, 'www'::text])))),
    constraint organizations_status check ((status = any (array['active'::text, 'suspended'::text, 'deleting'::text])))
);
-- Serves the foreign key fk_organizations_created_by_id.
create index organizations_created_by_id_a135c545 on organizations using btree (created_by_id);
-- For reading by slug text_pattern_ops.
create index organizations_slug_aaafa6fa_like on organizations using btree (slug text_pattern_ops);
-- For reading by slug_skeleton text_pattern_ops.
create index organizations_slug_skeleton_230760fb_like on organizations using btree (slug_skeleton text_pattern_ops);
alter table organizations enable row level security, force row level security;
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on organizations for select to tenantry_api
    using (id = (select auth_org_id()));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on organizations for update to tenantry_api
    using ((id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on organizations for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may delete rows in a scope of its own.
create policy tenantry_service_delete on organizations for delete to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on organizations for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on organizations for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on organizations for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on organizations for delete to tenantry_staff
    using ((id >= (select auth_org_low())) and (id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on organizations for insert to tenantry_staff
    with check ((id >= (select auth_org_low())) and (id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on organizations for select to tenantry_staff
    using ((id >= (select auth_org_low())) and (id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on organizations for update to tenantry_staff
    using ((id >= (select auth_org_low())) and (id <= (select auth_org_high())))
    with check ((id >= (select auth_org_low())) and (id <= (select auth_org_high())));
grant select, update (slug, name, white_label_config) on organizations to tenantry_api;
grant delete, insert, select, update on organizations to tenantry_service;
grant delete, insert, select, update on organizations to tenantry_staff;
create trigger ask_for_owner after update of status on organizations for each row when (((old.status = 'deleting'::text) and (new.status <> 'deleting'::text))) execute function ask_for_owner();
create trigger audit_organizations after insert or delete or update on organizations for each row execute function audit_trigger_function('organizations', 'id', 'id', '{}');
create trigger log_truncate_organizations after truncate on organizations for each statement execute function log_truncate('organizations');
create trigger set_updated_at_organizations before update on organizations for each row execute function set_updated_at();

-- revenue: Money that came in, by day; never purged with a customer.
create table revenue (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    amount numeric(12,2) not null,
    date date not null,
    category text default ''::text not null,
    description text default ''::text not null,
    customer_id uuid,
    org_id uuid not null,
    constraint revenue_pkey primary key (org_id, id),
    constraint fk_revenue_customer_id foreign key (org_id, customer_id) references customers(org_id, id) on delete set null (customer_id),
    constraint fk_revenue_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint revenue_amount_is_a_number check ((amount <= 9999999999.99))
);
-- For reading by org_id, date.
create index idx_revenue_date on revenue using btree (org_id, date);
-- Serves the foreign key fk_revenue_customer_id.
create index revenue_customer_id_pair on revenue using btree (org_id, customer_id);
alter table revenue enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, as owner or admin.
create policy tenantry_api_delete on revenue for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on revenue for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on revenue for select to tenantry_api
    using (org_id = (select auth_org_id()));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on revenue for update to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on revenue for all to tenantry_owner
    using (true)
    with check (true);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on revenue for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on revenue for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on revenue for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on revenue for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on revenue to tenantry_api;
grant delete, insert, select, update on revenue to tenantry_staff;
create trigger audit_revenue after insert or delete or update on revenue for each row execute function audit_trigger_function('revenue', 'id', 'org_id', '{}');
create trigger keep_customer_totals after insert or delete or update on revenue for each row execute function keep_customer_totals();
create trigger log_truncate_revenue after truncate on revenue for each statement execute function log_truncate('revenue');
create trigger org_id_immutable_revenue before update on revenue for each row execute function keep_org_id();
create trigger set_updated_at_revenue before update on revenue for each row execute function set_updated_at();

-- stores: Places of sale, in workspaces.
create table stores (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    name text not null,
    -- IANA name; days of its figures begin there.
    timezone text default 'UTC'::text not null,
    org_id uuid not null,
    workspace_id uuid not null,
    deleted_at timestamp with time zone,
    -- Shared by the rows that went together and come back together.
    deletion_id uuid,
    constraint stores_pkey primary key (org_id, id),
    constraint fk_stores_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint fk_stores_workspace_id foreign key (org_id, workspace_id) references workspaces(org_id, id),
    constraint stores_name_given check ((not (name = ''::text)))
);
-- No two rows alike; serves the foreign key fk_stores_workspace_id; holds only rows where deleted_at is null.
create unique index stores_name on stores using btree (org_id, workspace_id, name) where (deleted_at is null);
-- Serves the foreign key fk_stores_workspace_id.
create index stores_workspace_id_pair on stores using btree (org_id, workspace_id);
alter table stores enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_delete on stores for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_insert on stores for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims, that are not deleted.
create policy tenantry_api_select on stores for select to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null));
-- A client may change rows of the organization of its claims, that are not deleted, as owner or admin.
create policy tenantry_api_update on stores for update to tenantry_api
    using ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and (deleted_at is null) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on stores for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on stores for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on stores for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on stores for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on stores for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on stores for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on stores for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on stores to tenantry_api;
grant select, update on stores to tenantry_service;
grant delete, insert, select, update on stores to tenantry_staff;
create trigger audit_stores after insert or delete or update on stores for each row execute function audit_trigger_function('stores', 'id', 'org_id', '{}');
create trigger log_truncate_stores after truncate on stores for each statement execute function log_truncate('stores');
create trigger org_id_immutable_stores before update on stores for each row execute function keep_org_id();
create trigger set_updated_at_stores before update on stores for each row execute function set_updated_at();
create trigger soft_delete_stores before delete on stores for each row execute function soft_delete('{}');

-- sync_jobs: Runs of reading from connections.
create table sync_jobs (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    status text default 'pending'::text not null,
    -- How far the adapter came; saved with the events that were read up to there.
    cursor jsonb default '{}'::jsonb not null,
    events_read integer default 0 not null,
    -- Without those that had been there.
    events_added integer default 0 not null,
    -- How many processes took it up.
    attempts integer default 0 not null,
    error text default ''::text not null,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    cancel_asked_at timestamp with time zone,
    -- The process at work; another that took it over ends it.
    held_by uuid,
    -- Set forward with every batch; past it, anybody may take over.
    held_until timestamp with time zone,
    connection_id uuid not null,
    org_id uuid not null,
    requested_by_id uuid,
    constraint sync_jobs_pkey primary key (org_id, id),
    constraint fk_sync_jobs_connection_id foreign key (org_id, connection_id) references integration_connections(org_id, id) on delete cascade,
    constraint fk_sync_jobs_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint fk_sync_jobs_requested_by_id foreign key (requested_by_id) references users(id) on delete set null,
    constraint sync_jobs_attempts_check check ((attempts >= 0)),
    constraint sync_jobs_events_added_check check ((events_added >= 0)),
    constraint sync_jobs_events_read_check check ((events_read >= 0)),
    constraint sync_jobs_held check ((((held_by is not null) and (held_until is not null) and (status = 'running'::text)) or (not (status = 'running'::text)))),
    constraint sync_jobs_status check ((status = any (array['pending'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])))
);
-- Serves the foreign key fk_sync_jobs_connection_id.
create index sync_jobs_connection_id_pair on sync_jobs using btree (org_id, connection_id);
-- No two rows alike; serves the foreign key fk_sync_jobs_connection_id; holds only rows where status =
-- 'pending'::text.
create unique index sync_jobs_one_pending on sync_jobs using btree (org_id, connection_id) where (status = 'pending'::text);
-- No two rows alike; serves the foreign key fk_sync_jobs_connection_id; holds only rows where status =
-- 'running'::text.
create unique index sync_jobs_one_running on sync_jobs using btree (org_id, connection_id) where (status = 'running'::text);
-- Serves the foreign key fk_sync_jobs_requested_by_id.
create index sync_jobs_requested_by_id_547beed2 on sync_jobs using btree (requested_by_id);
alter table sync_jobs enable row level security, force row level security;
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on sync_jobs for select to tenantry_api
    using (org_id = (select auth_org_id()));
-- The owner may do everything with every row.
create policy tenantry_owner_all on sync_jobs for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on sync_jobs for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on sync_jobs for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on sync_jobs for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on sync_jobs for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant select on sync_jobs to tenantry_api;
grant insert, select, update on sync_jobs to tenantry_service;
grant select on sync_jobs to tenantry_staff;
create trigger org_id_immutable_sync_jobs before update on sync_jobs for each row execute function keep_org_id();
create trigger set_updated_at_sync_jobs before update on sync_jobs for each row execute function set_updated_at();

-- user_authenticators: Apps that make one-time codes; read and changed through their verbs alone.
create table user_authenticators (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    user_id uuid not null,
    -- What the codes are computed from, encrypted for this person (accounts/sealing.py).
    sealed_secret text not null,
    confirmed_at timestamp with time zone,
    -- The time step of the last accepted code: none is accepted twice.
    last_step bigint default '-1'::integer not null,
    -- Steps by which the app's clock differs.
    drift bigint default 0 not null,
    constraint user_authenticators_pkey primary key (user_id),
    constraint fk_user_authenticators_user_id foreign key (user_id) references users(id) on delete cascade
);
alter table user_authenticators enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on user_authenticators for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may delete rows in a scope of its own.
create policy tenantry_service_delete on user_authenticators for delete to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on user_authenticators for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on user_authenticators for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on user_authenticators for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
grant delete, insert, select, update on user_authenticators to tenantry_service;
create trigger set_updated_at_user_authenticators before update on user_authenticators for each row execute function set_updated_at();

-- user_dso_access: Who may see which DSO, and until when.
create table user_dso_access (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    granted_at timestamp with time zone default statement_timestamp() not null,
    -- Never, where empty.
    expires_at timestamp with time zone,
    dso_id uuid not null,
    granted_by uuid,
    user_id uuid not null,
    org_id uuid not null,
    constraint user_dso_access_pkey primary key (org_id, id),
    constraint fk_user_dso_access_dso_id foreign key (org_id, dso_id) references dsos(org_id, id) on delete cascade,
    constraint fk_user_dso_access_granted_by foreign key (granted_by) references users(id) on delete set null,
    constraint fk_user_dso_access_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint fk_user_dso_access_user_id foreign key (user_id) references users(id) on delete cascade
);
-- Serves the foreign key fk_user_dso_access_granted_by; holds only rows where granted_by is not null.
create index idx_user_dso_access_granter on user_dso_access using btree (granted_by) where (granted_by is not null);
-- Serves the foreign key fk_user_dso_access_user_id.
create index idx_user_dso_access_user on user_dso_access using btree (user_id, org_id);
-- Serves the foreign key fk_user_dso_access_dso_id.
create index user_dso_access_dso_id_pair on user_dso_access using btree (org_id, dso_id);
alter table user_dso_access enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, as owner or admin.
create policy tenantry_api_delete on user_dso_access for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on user_dso_access for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims, of the acting person, as owner or admin.
create policy tenantry_api_select on user_dso_access for select to tenantry_api
    using ((org_id = (select auth_org_id())) and ((user_id = (select auth_user_id())) or ((select auth_user_role()) = any (array['owner'::text, 'admin'::text]))));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on user_dso_access for update to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on user_dso_access for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on user_dso_access for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on user_dso_access for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on user_dso_access for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on user_dso_access for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on user_dso_access for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on user_dso_access to tenantry_api;
grant select on user_dso_access to tenantry_service;
grant delete, insert, select, update on user_dso_access to tenantry_staff;
create trigger audit_user_dso_access after insert or delete or update on user_dso_access for each row execute function audit_trigger_function('user_dso_access', 'id', 'org_id', '{}');
create trigger log_truncate_user_dso_access after truncate on user_dso_access for each statement execute function log_truncate('user_dso_access');
create trigger org_id_immutable_user_dso_access before update on user_dso_access for each row execute function keep_org_id();
create trigger set_updated_at_user_dso_access before update on user_dso_access for each row execute function set_updated_at();

-- user_preferences: People's own settings.
create table user_preferences (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    user_id uuid not null,
    theme_preference text default 'system'::text not null,
    constraint user_preferences_pkey primary key (user_id),
    constraint fk_user_preferences_user_id foreign key (user_id) references users(id) on delete cascade,
    constraint user_preferences_theme check ((theme_preference = any (array['light'::text, 'dark'::text, 'system'::text])))
);
alter table user_preferences enable row level security, force row level security;
-- A client may read rows of the acting person.
create policy tenantry_api_select on user_preferences for select to tenantry_api
    using (user_id = (select auth_user_id()));
-- A client may change rows of the acting person.
create policy tenantry_api_update on user_preferences for update to tenantry_api
    using (user_id = (select auth_user_id()))
    with check (user_id = (select auth_user_id()));
-- The owner may do everything with every row.
create policy tenantry_owner_all on user_preferences for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on user_preferences for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The console may read rows of the acting person, in a scope of its own, of people it may see, for a superuser in all
-- organizations.
create policy tenantry_staff_select on user_preferences for select to tenantry_staff
    using (((select auth_surface()) = 'console'::text) and ((user_id = (select auth_user_id())) or (select auth_all_orgs()) or (user_id in ( select unnest(private.visible_people()) as unnest))));
-- The console may change rows of the acting person, in a scope of its own.
create policy tenantry_staff_update on user_preferences for update to tenantry_staff
    using (((select auth_surface()) = 'console'::text) and (user_id = (select auth_user_id())))
    with check (((select auth_surface()) = 'console'::text) and (user_id = (select auth_user_id())));
grant select, update on user_preferences to tenantry_api;
grant select on user_preferences to tenantry_service;
grant select, update on user_preferences to tenantry_staff;
create trigger audit_user_preferences after insert or delete or update on user_preferences for each row execute function audit_trigger_function('user_preferences', 'user_id', '', '{}');
create trigger log_truncate_user_preferences after truncate on user_preferences for each statement execute function log_truncate('user_preferences');
create trigger set_updated_at_user_preferences before update on user_preferences for each row execute function set_updated_at();

-- user_profiles: People as the members of their organizations see them.
create table user_profiles (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    user_id uuid not null,
    -- A copy of users.email, kept by trigger.
    email character varying(254) not null,
    full_name text default ''::text not null,
    avatar_url text default ''::text not null,
    constraint user_profiles_pkey primary key (user_id),
    constraint fk_user_profiles_user_id foreign key (user_id) references users(id) on delete cascade
);
alter table user_profiles enable row level security, force row level security;
-- A client may read rows of people it may see.
create policy tenantry_api_select on user_profiles for select to tenantry_api
    using (user_id = any (( select private.visible_people() as visible_people)::uuid[]));
-- A client may change rows of the acting person.
create policy tenantry_api_update on user_profiles for update to tenantry_api
    using (user_id = (select auth_user_id()))
    with check (user_id = (select auth_user_id()));
-- The owner may do everything with every row.
create policy tenantry_owner_all on user_profiles for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on user_profiles for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on user_profiles for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may read rows in a scope of its own, of people it may see, for a superuser in all organizations.
create policy tenantry_staff_select on user_profiles for select to tenantry_staff
    using (((select auth_surface()) = 'console'::text) and ((select auth_all_orgs()) or (user_id in ( select unnest(private.visible_people()) as unnest))));
-- The console may change rows in a scope of its own, of people it may see, for a superuser in all organizations.
create policy tenantry_staff_update on user_profiles for update to tenantry_staff
    using (((select auth_surface()) = 'console'::text) and ((select auth_all_orgs()) or (user_id in ( select unnest(private.visible_people()) as unnest))))
    with check (((select auth_surface()) = 'console'::text) and ((select auth_all_orgs()) or (user_id in ( select unnest(private.visible_people()) as unnest))));
grant select, update (full_name, avatar_url) on user_profiles to tenantry_api;
grant select, update on user_profiles to tenantry_service;
grant select, update on user_profiles to tenantry_staff;
create trigger audit_user_profiles after insert or delete or update on user_profiles for each row execute function audit_trigger_function('user_profiles', 'user_id', '', '{}');
create trigger log_truncate_user_profiles after truncate on user_profiles for each statement execute function log_truncate('user_profiles');
create trigger set_updated_at_user_profiles before update on user_profiles for each row execute function set_updated_at();

-- user_recovery_codes: Codes that stand in for a lost authenticator, each once.
create table user_recovery_codes (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    user_id uuid not null,
    -- SHA-256; the code itself is nowhere.
    code_hash text not null,
    used_at timestamp with time zone,
    constraint user_recovery_codes_pkey primary key (id),
    constraint fk_user_recovery_codes_user_id foreign key (user_id) references users(id) on delete cascade
);
-- Serves the foreign key fk_user_recovery_codes_user_id.
create index user_recovery_codes_user_id_c877d995 on user_recovery_codes using btree (user_id);
alter table user_recovery_codes enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on user_recovery_codes for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may delete rows in a scope of its own.
create policy tenantry_service_delete on user_recovery_codes for delete to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on user_recovery_codes for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on user_recovery_codes for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on user_recovery_codes for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
grant delete, insert, select, update on user_recovery_codes to tenantry_service;
create trigger set_updated_at_user_recovery_codes before update on user_recovery_codes for each row execute function set_updated_at();

-- user_sessions: Sign-ins on devices; ended ones stay until `maintain` removes them.
create table user_sessions (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    -- How the person proved who they are: password, …
    method text not null,
    ip text default ''::text not null,
    user_agent text default ''::text not null,
    -- SHA-256 of the one refresh token that works; the token itself is nowhere.
    refresh_hash text not null,
    -- The sign-in or the last refresh.
    last_used_at timestamp with time zone not null,
    -- Moves on with every refresh.
    expires_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    end_reason text default ''::text not null,
    user_id uuid not null,
    constraint user_sessions_pkey primary key (id),
    constraint fk_user_sessions_user_id foreign key (user_id) references users(id) on delete cascade
);
-- For reading by expires_at.
create index idx_user_sessions_expiry on user_sessions using btree (expires_at);
-- Serves the foreign key fk_user_sessions_user_id.
create index user_sessions_user_id_43ce9642 on user_sessions using btree (user_id);
alter table user_sessions enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on user_sessions for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may delete rows in a scope of its own.
create policy tenantry_service_delete on user_sessions for delete to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on user_sessions for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on user_sessions for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on user_sessions for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
grant delete, insert, select, update on user_sessions to tenantry_service;
create trigger set_updated_at_user_sessions before update on user_sessions for each row execute function set_updated_at();

-- users: People. Inserting one makes their organization, workspace and ownership as well.
create table users (
    last_login timestamp with time zone,
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    email character varying(254) not null,
    -- The e-mail in lower case: unique, and found by index under row-level security.
    email_lower text generated always as (lower((email)::text)) stored,
    email_verified_at timestamp with time zone,
    password character varying(128) default '!'::character varying not null,
    is_active boolean default true not null,
    is_staff boolean default false not null,
    is_superuser boolean default false not null,
    app_metadata jsonb default '{}'::jsonb not null,
    -- The organization the person's next token is for; read it through get_user_active_org().
    active_org_id uuid,
    -- The organization a staff person has switched to in the console; tokens do not follow it.
    console_org_id uuid,
    constraint users_pkey primary key (id),
    constraint users_email_lower_key unique (email_lower),
    constraint fk_users_active_org_id foreign key (active_org_id) references organizations(id) on delete set null,
    constraint fk_users_console_org_id foreign key (console_org_id) references organizations(id) on delete set null,
    constraint users_email check (((email)::text ~ '^[^@\s]+@[^@\s]+$'::text))
);
-- Serves the foreign key fk_users_active_org_id; holds only rows where active_org_id is not null.
create index idx_users_active_org on users using btree (active_org_id) where (active_org_id is not null);
-- Serves the foreign key fk_users_console_org_id; holds only rows where console_org_id is not null.
create index idx_users_console_org on users using btree (console_org_id) where (console_org_id is not null);
-- For reading by email_lower text_pattern_ops.
create index users_email_lower_a1e30c50_like on users using btree (email_lower text_pattern_ops);
alter table users enable row level security, force row level security;
-- A client may read rows of the acting person.
create policy tenantry_api_select on users for select to tenantry_api
    using (id = (select auth_user_id()));
-- The owner may do everything with every row.
create policy tenantry_owner_all on users for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may delete rows in a scope of its own.
create policy tenantry_service_delete on users for delete to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on users for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on users for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may change rows in a scope of its own.
create policy tenantry_service_update on users for update to tenantry_service
    using ((select auth_surface()) = 'service'::text)
    with check ((select auth_surface()) = 'service'::text);
-- The console may delete rows for a superuser in all organizations.
create policy tenantry_staff_delete on users for delete to tenantry_staff
    using (select auth_all_orgs());
-- The console may add rows for a superuser in all organizations.
create policy tenantry_staff_insert on users for insert to tenantry_staff
    with check (select auth_all_orgs());
-- The console may read rows in a scope of its own, of people it may see, for a superuser in all organizations.
create policy tenantry_staff_select on users for select to tenantry_staff
    using (((select auth_surface()) = 'console'::text) and ((select auth_all_orgs()) or (id in ( select unnest(private.visible_people()) as unnest))));
-- The console may change rows in a scope of its own, of people it may see, for a superuser in all organizations, for
-- superusers.
create policy tenantry_staff_update on users for update to tenantry_staff
    using (((select auth_surface()) = 'console'::text) and ((select auth_all_orgs()) or (id in ( select unnest(private.visible_people()) as unnest))) and (select auth_is_superuser()))
    with check (((select auth_surface()) = 'console'::text) and ((select auth_all_orgs()) or (id in ( select unnest(private.visible_people()) as unnest))) and (select auth_is_superuser()));
grant select on users to tenantry_api;
grant delete, insert, select, update on users to tenantry_service;
grant delete, insert, select, update on users to tenantry_staff;
create trigger audit_users after insert or delete or update on users for each row execute function audit_trigger_function('users', 'id', '', '{password}');
create trigger create_profile after insert or update on users for each row execute function sync_user_profile();
create trigger handle_new_user after insert on users for each row execute function handle_new_user();
create trigger log_truncate_users after truncate on users for each statement execute function log_truncate('users');
create trigger set_updated_at_users before update on users for each row execute function set_updated_at();

-- users_groups
create table users_groups (
    id bigint generated by default as identity not null,
    user_id uuid not null,
    group_id integer not null,
    constraint users_groups_pkey primary key (id),
    constraint users_groups_user_id_group_id_fc7788e8_uniq unique (user_id, group_id),
    constraint fk_users_groups_group_id foreign key (group_id) references auth_group(id) on delete cascade,
    constraint fk_users_groups_user_id foreign key (user_id) references users(id) on delete cascade
);
-- Serves the foreign key fk_users_groups_group_id.
create index users_groups_group_id_2f3517aa on users_groups using btree (group_id);
-- Serves the foreign key fk_users_groups_user_id.
create index users_groups_user_id_f500bee5 on users_groups using btree (user_id);
alter table users_groups enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on users_groups for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on users_groups for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The console may delete rows for a superuser in all organizations.
create policy tenantry_staff_delete on users_groups for delete to tenantry_staff
    using (select auth_all_orgs());
-- The console may add rows for a superuser in all organizations.
create policy tenantry_staff_insert on users_groups for insert to tenantry_staff
    with check (select auth_all_orgs());
-- The console may read rows in a scope of its own, of people it may see, for a superuser in all organizations.
create policy tenantry_staff_select on users_groups for select to tenantry_staff
    using (((select auth_surface()) = 'console'::text) and ((select auth_all_orgs()) or (user_id in ( select unnest(private.visible_people()) as unnest))));
-- The console may change rows for a superuser in all organizations.
create policy tenantry_staff_update on users_groups for update to tenantry_staff
    using (select auth_all_orgs())
    with check (select auth_all_orgs());
grant select on users_groups to tenantry_service;
grant delete, insert, select, update on users_groups to tenantry_staff;

-- users_user_permissions
create table users_user_permissions (
    id bigint generated by default as identity not null,
    user_id uuid not null,
    permission_id integer not null,
    constraint users_user_permissions_pkey primary key (id),
    constraint users_user_permissions_user_id_permission_id_3b86cbdf_uniq unique (user_id, permission_id),
    constraint fk_users_user_permissions_permission_id foreign key (permission_id) references auth_permission(id) on delete cascade,
    constraint fk_users_user_permissions_user_id foreign key (user_id) references users(id) on delete cascade
);
-- Serves the foreign key fk_users_user_permissions_permission_id.
create index users_user_permissions_permission_id_6d08dcd2 on users_user_permissions using btree (permission_id);
-- Serves the foreign key fk_users_user_permissions_user_id.
create index users_user_permissions_user_id_92473840 on users_user_permissions using btree (user_id);
alter table users_user_permissions enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on users_user_permissions for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on users_user_permissions for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The console may delete rows for a superuser in all organizations.
create policy tenantry_staff_delete on users_user_permissions for delete to tenantry_staff
    using (select auth_all_orgs());
-- The console may add rows for a superuser in all organizations.
create policy tenantry_staff_insert on users_user_permissions for insert to tenantry_staff
    with check (select auth_all_orgs());
-- The console may read rows in a scope of its own, of people it may see, for a superuser in all organizations.
create policy tenantry_staff_select on users_user_permissions for select to tenantry_staff
    using (((select auth_surface()) = 'console'::text) and ((select auth_all_orgs()) or (user_id in ( select unnest(private.visible_people()) as unnest))));
-- The console may change rows for a superuser in all organizations.
create policy tenantry_staff_update on users_user_permissions for update to tenantry_staff
    using (select auth_all_orgs())
    with check (select auth_all_orgs());
grant select on users_user_permissions to tenantry_service;
grant delete, insert, select, update on users_user_permissions to tenantry_staff;

-- workspace_members: Which members work in which workspace.
create table workspace_members (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    role text default 'member'::text not null,
    org_id uuid not null,
    user_id uuid not null,
    workspace_id uuid not null,
    constraint workspace_members_pkey primary key (org_id, id),
    constraint workspace_members_person unique (org_id, workspace_id, user_id),
    constraint fk_workspace_members_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint fk_workspace_members_org_member foreign key (org_id, user_id) references org_members(org_id, user_id) on delete cascade,
    constraint fk_workspace_members_user_id foreign key (user_id) references users(id) on delete cascade,
    constraint fk_workspace_members_workspace_id foreign key (org_id, workspace_id) references workspaces(org_id, id) on delete cascade,
    constraint workspace_members_role check ((role = any (array['manager'::text, 'member'::text])))
);
-- Serves the foreign key fk_workspace_members_org_member.
create index idx_workspace_members_person on workspace_members using btree (org_id, user_id);
-- Serves the foreign key fk_workspace_members_user_id.
create index workspace_members_user_id_b4ccc11d on workspace_members using btree (user_id);
-- Serves the foreign key fk_workspace_members_workspace_id.
create index workspace_members_wor_0d6a6a8d on workspace_members using btree (org_id, workspace_id);
alter table workspace_members enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, as owner or admin.
create policy tenantry_api_delete on workspace_members for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on workspace_members for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on workspace_members for select to tenantry_api
    using (org_id = (select auth_org_id()));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on workspace_members for update to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on workspace_members for all to tenantry_owner
    using (true)
    with check (true);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on workspace_members for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on workspace_members for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on workspace_members for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on workspace_members for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on workspace_members to tenantry_api;
grant delete, insert, select, update on workspace_members to tenantry_staff;
create trigger audit_workspace_members after insert or delete or update on workspace_members for each row execute function audit_trigger_function('workspace_members', 'id', 'org_id', '{}');
create trigger log_truncate_workspace_members after truncate on workspace_members for each statement execute function log_truncate('workspace_members');
create trigger org_id_immutable_workspace_members before update on workspace_members for each row execute function keep_org_id();
create trigger set_updated_at_workspace_members before update on workspace_members for each row execute function set_updated_at();

-- workspaces: Parts of an organization; every organization begins with one.
create table workspaces (
    created_at timestamp with time zone default statement_timestamp() not null,
    updated_at timestamp with time zone default statement_timestamp() not null,
    id uuid default new_id() not null,
    name text not null,
    org_id uuid not null,
    constraint workspaces_pkey primary key (org_id, id),
    constraint workspaces_name unique (org_id, name),
    constraint fk_workspaces_org_id foreign key (org_id) references organizations(id) on delete cascade,
    constraint workspaces_name_given check ((not (name = ''::text)))
);
alter table workspaces enable row level security, force row level security;
-- A client may delete rows of the organization of its claims, as owner or admin.
create policy tenantry_api_delete on workspaces for delete to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may add rows of the organization of its claims, as owner or admin.
create policy tenantry_api_insert on workspaces for insert to tenantry_api
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- A client may read rows of the organization of its claims.
create policy tenantry_api_select on workspaces for select to tenantry_api
    using (org_id = (select auth_org_id()));
-- A client may change rows of the organization of its claims, as owner or admin.
create policy tenantry_api_update on workspaces for update to tenantry_api
    using ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])))
    with check ((org_id = (select auth_org_id())) and ((select auth_user_role()) = any (array['owner'::text, 'admin'::text])));
-- The owner may do everything with every row.
create policy tenantry_owner_all on workspaces for all to tenantry_owner
    using (true)
    with check (true);
-- The service (sign-in, sign-up, sessions) may add rows in a scope of its own.
create policy tenantry_service_insert on workspaces for insert to tenantry_service
    with check ((select auth_surface()) = 'service'::text);
-- The service (sign-in, sign-up, sessions) may read rows in a scope of its own.
create policy tenantry_service_select on workspaces for select to tenantry_service
    using ((select auth_surface()) = 'service'::text);
-- The console may delete rows of its console organization (or of all, for superusers).
create policy tenantry_staff_delete on workspaces for delete to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may add rows of its console organization (or of all, for superusers).
create policy tenantry_staff_insert on workspaces for insert to tenantry_staff
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may read rows of its console organization (or of all, for superusers).
create policy tenantry_staff_select on workspaces for select to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
-- The console may change rows of its console organization (or of all, for superusers).
create policy tenantry_staff_update on workspaces for update to tenantry_staff
    using ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())))
    with check ((org_id >= (select auth_org_low())) and (org_id <= (select auth_org_high())));
grant delete, insert, select, update on workspaces to tenantry_api;
grant insert, select on workspaces to tenantry_service;
grant delete, insert, select, update on workspaces to tenantry_staff;
create trigger audit_workspaces after insert or delete or update on workspaces for each row execute function audit_trigger_function('workspaces', 'id', 'org_id', '{}');
create trigger log_truncate_workspaces after truncate on workspaces for each statement execute function log_truncate('workspaces');
create trigger org_id_immutable_workspaces before update on workspaces for each row execute function keep_org_id();
create trigger set_updated_at_workspaces before update on workspaces for each row execute function set_updated_at();

-- private.attempts: How often something was tried within a window of time; `maintain` removes windows that have ended.
create table private.attempts (
    bucket text not null,
    count integer not null,
    ends_at timestamp with time zone not null,
    constraint attempts_pkey primary key (bucket)
);
alter table private.attempts enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on private.attempts for all to tenantry_owner
    using (true)
    with check (true);

-- private.audit_erased: Organizations that were erased, and where their logs ended. Writing a row here is what erases
-- a log. Append only.
create table private.audit_erased (
    org_id uuid not null,
    erased_at timestamp with time zone default clock_timestamp() not null,
    log_rows bigint default 0 not null,
    last_position bigint default 0 not null,
    last_hash bytea,
    constraint audit_erased_pkey primary key (org_id, erased_at)
);
alter table private.audit_erased enable row level security, force row level security;
-- The owner may add every row.
create policy tenantry_owner_insert on private.audit_erased for insert to tenantry_owner
    with check (true);
-- The owner may read every row.
create policy tenantry_owner_select on private.audit_erased for select to tenantry_owner
    using (true);
create trigger erase_log before insert on private.audit_erased for each row execute function private.erase_log();
create trigger refuse_change before delete or update or truncate on private.audit_erased for each statement execute function refuse_log_change();

-- private.audit_heads: The last link of each chain; written with it by private.seal_batch().
create table private.audit_heads (
    org_id uuid not null,
    position bigint not null,
    hash bytea not null,
    sealed_at timestamp with time zone default clock_timestamp() not null,
    constraint audit_heads_pkey primary key (org_id),
    constraint audit_heads_position_check check (("position" > 0))
);
alter table private.audit_heads enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on private.audit_heads for all to tenantry_owner
    using (true)
    with check (true);

-- private.audit_retired: Runs of sealed rows that retention dropped with their month. Append only.
create table private.audit_retired (
    org_id uuid not null,
    last_position bigint not null,
    first_position bigint not null,
    last_hash bytea not null,
    month date not null,
    retired_at timestamp with time zone default clock_timestamp() not null,
    constraint audit_retired_pkey primary key (org_id, last_position),
    constraint audit_retired_check check ((first_position <= last_position)),
    constraint audit_retired_first_position_check check ((first_position > 0))
);
alter table private.audit_retired enable row level security, force row level security;
-- The owner may add every row.
create policy tenantry_owner_insert on private.audit_retired for insert to tenantry_owner
    with check (true);
-- The owner may read every row.
create policy tenantry_owner_select on private.audit_retired for select to tenantry_owner
    using (true);
create trigger refuse_change before delete or update or truncate on private.audit_retired for each statement execute function refuse_log_change();

-- private.audit_seal_cursor: How far sealing has come; every row of the log up to here has its seal.
create table private.audit_seal_cursor (
    only_row boolean default true not null,
    -- The server whose transaction ids these are; on another one (restored from a dump) sealing looks at every row
    -- again.
    cluster text not null,
    transaction_id bigint default 0 not null,
    created_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
    log_id uuid default '00000000-0000-0000-0000-000000000000'::uuid not null,
    -- Whether rows with transaction ids of an earlier server, which this one has not reached yet, are sealed.
    strangers_sealed boolean default true not null,
    constraint audit_seal_cursor_pkey primary key (only_row),
    constraint audit_seal_cursor_only_row_check check (only_row)
);
alter table private.audit_seal_cursor enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on private.audit_seal_cursor for all to tenantry_owner
    using (true)
    with check (true);

-- private.audit_seals: The sealed log: hash is over the hash before it, the position, the row's key and digest, and
-- the time of sealing. Append only.
create table private.audit_seals (
    org_id uuid not null,
    position bigint not null,
    created_at timestamp with time zone not null,
    log_id uuid not null,
    -- SHA-256 of the row without its key, as private.log_digests computes it.
    digest bytea not null,
    hash bytea not null,
    sealed_at timestamp with time zone default clock_timestamp() not null,
    constraint audit_seals_pkey primary key (org_id, "position"),
    constraint audit_seals_org_id_created_at_log_id_key unique (org_id, created_at, log_id),
    constraint audit_seals_position_check check (("position" > 0))
);
alter table private.audit_seals enable row level security, force row level security;
-- The owner may add every row.
create policy tenantry_owner_insert on private.audit_seals for insert to tenantry_owner
    with check (true);
-- The owner may read every row.
create policy tenantry_owner_select on private.audit_seals for select to tenantry_owner
    using (true);
create trigger refuse_change before delete or update or truncate on private.audit_seals for each statement execute function refuse_log_change();

-- private.batch_jobs: One row per batch job, locked by the batch that is running. Delete a row to let its job start
-- over.
create table private.batch_jobs (
    job text not null,
    -- Where the last committed batch ended, in the words of the job's strategy; null before the first.
    cursor jsonb,
    -- Rows changed so far, by every process together.
    rows bigint default 0 not null,
    batch_size integer not null,
    started_at timestamp with time zone default now() not null,
    updated_at timestamp with time zone default now() not null,
    finished_at timestamp with time zone,
    constraint batch_jobs_pkey primary key (job),
    constraint batch_jobs_batch_size_check check ((batch_size > 0)),
    constraint batch_jobs_job_check check ((job <> ''::text)),
    constraint batch_jobs_rows_check check ((rows >= 0))
);
alter table private.batch_jobs enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on private.batch_jobs for all to tenantry_owner
    using (true)
    with check (true);

-- private.claims_keys: Keys that sign claims, as HMAC-SHA-256 pads; written by `manage.py migrate` from
-- TENANTRY_CLAIMS_KEY.
create table private.claims_keys (
    key_id text not null,
    inner_pad bytea not null,
    outer_pad bytea not null,
    created_at timestamp with time zone default clock_timestamp() not null,
    constraint claims_keys_pkey primary key (key_id)
);
alter table private.claims_keys enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on private.claims_keys for all to tenantry_owner
    using (true)
    with check (true);

-- private.idempotent_requests: Answers to requests with an Idempotency-Key, encrypted by a key that follows from the
-- client's; expired ones go with the next.
create table private.idempotent_requests (
    bucket text not null,
    fingerprint text not null,
    answer text not null,
    expires_at timestamp with time zone not null,
    constraint idempotent_requests_pkey primary key (bucket)
);
-- For reading by expires_at.
create index idx_idempotent_requests_expiry on private.idempotent_requests using btree (expires_at);
alter table private.idempotent_requests enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on private.idempotent_requests for all to tenantry_owner
    using (true)
    with check (true);

-- private.trusted_logins: Logins whose unsigned request.jwt.claims count, for the API surface only; empty unless a DBA
-- adds one.
create table private.trusted_logins (
    login name not null,
    created_at timestamp with time zone default now() not null,
    constraint trusted_logins_pkey primary key (login)
);
alter table private.trusted_logins enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on private.trusted_logins for all to tenantry_owner
    using (true)
    with check (true);

-- private.vault_keys: Data keys of organizations, wrapped by a key of TENANTRY_VAULT_KEYS; due: a rotation is to
-- replace it.
create table private.vault_keys (
    org_id uuid not null,
    version integer not null,
    master_key text not null,
    wrapped bytea not null,
    due boolean default false not null,
    created_at timestamp with time zone default clock_timestamp() not null,
    constraint vault_keys_pkey primary key (org_id, version),
    constraint vault_keys_org_id_fkey foreign key (org_id) references organizations(id) on delete cascade,
    constraint vault_keys_version_check check ((version > 0))
);
alter table private.vault_keys enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on private.vault_keys for all to tenantry_owner
    using (true)
    with check (true);

-- private.vault_secrets: Credentials of integration_connections, AES-256-GCM; keys are elsewhere.
create table private.vault_secrets (
    org_id uuid not null,
    id uuid default new_id() not null,
    connection_id uuid not null,
    version integer not null,
    key_version integer,
    sealed bytea,
    stored_at timestamp with time zone default clock_timestamp() not null,
    constraint vault_secrets_pkey primary key (org_id, id),
    constraint vault_secrets_org_id_connection_id_key unique (org_id, connection_id),
    constraint vault_secrets_org_id_connection_id_fkey foreign key (org_id, connection_id) references integration_connections(org_id, id) on delete cascade,
    constraint vault_secrets_org_id_key_version_fkey foreign key (org_id, key_version) references private.vault_keys(org_id, version) on delete cascade,
    constraint vault_secrets_check check (((sealed is null) = (key_version is null))),
    constraint vault_secrets_version_check check ((version > 0))
);
-- Serves the foreign key vault_secrets_org_id_key_version_fkey.
create index idx_vault_secrets_key on private.vault_secrets using btree (org_id, key_version);
alter table private.vault_secrets enable row level security, force row level security;
-- The owner may do everything with every row.
create policy tenantry_owner_all on private.vault_secrets for all to tenantry_owner
    using (true)
    with check (true);

-- private.chain_links: Gives the whole chain to walk: its seals, and the runs that stand for retired ones.
create or replace view private.chain_links with (security_invoker = true) as
    select org_id, position, position as first_position, hash, digest, created_at, log_id, sealed_at
        from private.audit_seals
    union all
    select org_id, last_position, first_position, last_hash, null, null, null, retired_at
        from private.audit_retired;
revoke all on private.chain_links from public;

-- private.event_door: The only door to the log besides the row triggers: log_event() inserts here, and the view's
-- trigger writes the row.
create or replace view private.event_door with (security_invoker = true) as
    select null::text as action, null::text as table_name, null::text as record_id, null::uuid as org_id,
        null::jsonb as details where false;
create or replace trigger pass_event instead of insert on private.event_door
    for each row execute function private.pass_event();

-- private.log_digests: Gives each row of the log its digest. Two forms must not be equal, and none may depend on a
-- setting of the session:
create or replace view private.log_digests with (security_invoker = true) as
    select org_id, created_at, id, transaction_id,
        sha256(convert_to(row(
            user_id, actor, impersonator_id, surface, action, table_name, record_id, old_data, new_data, reason,
            request_id, batch_id, transaction_id
        )::text, 'UTF8')) as digest
    from audit_logs;
revoke all on private.log_digests from public;

-- private.restored_log: The door through which restore_org puts the log of an organization back; the view's trigger
-- writes the row.
create or replace view private.restored_log with (security_invoker = true) as
    select id, created_at, org_id, user_id, actor, impersonator_id, surface, action, table_name, record_id,
        old_data, new_data, reason, request_id, batch_id, transaction_id
    from audit_logs where false;
revoke all on private.restored_log from public;
create or replace trigger restore_log_row instead of insert on private.restored_log
    for each row execute function private.restore_log_row();

-- Functions.
-- ask_for_owner() (tenants/sql/ask_for_owner.sql; runs as its owner): Refuses to take an organization out of deletion
-- when nobody owns it any more: in `deleting`, owners may have gone.
-- audit_trigger_function() (audit/sql/audit_trigger_function.sql; runs as its owner): Writes one row of the log per
-- changed row, from the row itself, whoever changed it and however.
-- auth_all_orgs() (audit/sql/auth_all_orgs.sql): Says whether a superuser has chosen all organizations in the console.
-- auth_claims() (audit/sql/public_auth_claims.sql): The face of private.auth_claims() for clients: who is acting, or
-- NULL for nobody.
-- auth_is_superuser() (audit/sql/auth_is_superuser.sql): Says whether a superuser is acting in the console, in one
-- organization or in all.
-- auth_memberships() (tenants/sql/public_auth_memberships.sql): The face of private.auth_memberships() for clients:
-- one's own active memberships.
-- auth_org_high() (audit/sql/auth_org_high.sql): The highest organization id the console may see: its one
-- organization, or the end for all of them.
-- auth_org_id() (audit/sql/auth_org_id.sql): The organization the claims are for, or NULL: then no row of any
-- organization is seen.
-- auth_org_low() (audit/sql/auth_org_low.sql): The lowest organization id the console may see: with auth_org_high() a
-- range, which an index can follow.
-- auth_surface() (audit/sql/auth_surface.sql): The part of the program that entered the scope (api, console, service),
-- or NULL.
-- auth_user_id() (audit/sql/auth_user_id.sql): The person who is acting, or NULL.
-- auth_user_role() (audit/sql/auth_user_role.sql): The acting person's role in the claims' organization (owner, admin,
-- member), or NULL.
-- custom_access_token_hook(jsonb) (accounts/sql/public_custom_access_token_hook.sql): The face of
-- private.custom_access_token_hook() under the name that Supabase's contract gives it.
-- get_user_active_org(uuid) (accounts/sql/public_get_user_active_org.sql): The face of private.get_user_active_org()
-- for clients: the organization a person acts for.
-- handle_new_user() (tenants/sql/handle_new_user.sql; runs as its owner): Gives every new person who is not staff an
-- organization, a workspace and its ownership, in the inserting transaction.
-- keep_an_owner() (tenants/sql/keep_an_owner.sql; runs as its owner): Keeps an active owner in every organization that
-- is not being deleted: against raw SQL, and against two at once.
-- keep_customer_totals() (tenants/sql/keep_customer_totals.sql; runs as its owner): Keeps customers.total_revenue and
-- last_purchase_date in step with `revenue`, by difference, under concurrent writers.
-- keep_name_lower() (tenants/sql/keep_name_lower.sql): Keeps `name_lower`, the beginning of a row's name in lower
-- case, whoever writes and whatever they say of it.
-- keep_org_id() (tenants/sql/keep_org_id.sql): Refuses to move a row into another organization.
-- log_event(text, uuid, text, text, jsonb) (audit/sql/public_log_event.sql): The face of private.log_event() for
-- clients: logs what is no row change, such as a sign-in or a switch.
-- log_truncate() (audit/sql/log_truncate.sql; runs as its owner): Writes one row of the log when a whole table is
-- emptied, which row triggers do not see.
-- new_id() (audit/sql/new_id.sql): Makes a time-ordered (version 7) UUID on every server version: milliseconds first,
-- so new rows stay together.
-- private.active_org_of(uuid) (accounts/sql/active_org_of.sql; runs as its owner): The organization a person's next
-- token is for: the one chosen, else the earliest active membership.
-- private.add_purchase(uuid, uuid, numeric, date) (tenants/sql/add_purchase.sql; runs as its owner): Adds an amount to
-- a customer's total, and its day where it is the latest.
-- private.add_vault_key(uuid, text, bytea) (tenants/sql/add_vault_key.sql; runs as its owner): Gives an organization
-- its first data key, wrapped by the application; whoever comes second uses the first one's.
-- private.admit_key(jsonb) (tenants/sql/admit_key.sql; runs as its owner): Decides at request time what an API key may
-- be: the key's own row, and its organization, which it ends with.
-- private.admit_member(jsonb) (tenants/sql/admit_member.sql; runs as its owner): Decides at request time what a person
-- may be in an organization: the membership row, not what a token once said.
-- private.admit_staff(jsonb) (tenants/sql/admit_staff.sql; runs as its owner): Decides which organization a staff
-- person works in: one of their own, or for superusers any or all.
-- private.applied_migrations() (tenants/sql/applied_migrations.sql; runs as its owner): Names the migrations that this
-- database has had: web processes compare them with their own before they serve.
-- private.auth_claims() (audit/sql/auth_claims.sql; runs as its owner): Who is acting: the claims of this transaction
-- when their signature holds, or NULL for nobody.
-- private.auth_memberships() (tenants/sql/auth_memberships.sql; runs as its owner): One's own active memberships and
-- those organizations' names: all that a person sees beyond the claims' organization.
-- private.claim_request(text, text) (tenants/sql/claim_request.sql; runs as its owner): Begins a request with an
-- Idempotency-Key: new, done (with what was answered), other (another request had it) or busy.
-- private.cluster_id() (audit/sql/cluster_id.sql): Names the server whose transaction ids the log carries, as well as
-- this login may know it.
-- private.count_attempt(text, integer, integer, integer) (accounts/sql/count_attempt.sql; runs as its owner): Counts
-- one attempt (or takes one back, by a step of -1) and answers in how many seconds the next is allowed; 0: now.
-- private.current_actor() (audit/sql/current_actor.sql; runs as its owner): Names who is acting, for the log: a
-- person, a key, a job, the part of the program, or the database login.
-- private.custom_access_token_hook(jsonb) (accounts/sql/custom_access_token_hook.sql; runs as its owner): Computes the
-- claims of every access token at its issue: the primary organization, the role held there, app_metadata.
-- private.enter_scope(text) (tenants/sql/enter_scope.sql; runs as its owner): Lets a signed ticket in: verifies it,
-- asks the membership row, and puts the claims in force for this transaction only.
-- private.erase_log() (tenants/sql/erase_log.sql): Erases the log of an organization that is gone, with its seals, and
-- notes on the tombstone where its chain ended.
-- private.forget_attempts(text) (accounts/sql/forget_attempts.sql; runs as its owner): Forgets what was counted: who
-- has proven who they are begins anew.
-- private.get_integration_credential(uuid, uuid, text) (tenants/sql/get_integration_credential.sql; runs as its
-- owner): Hands out a sealed credential with its wrapped key, to be opened by the application; the log says who read
-- it, and for what.
-- private.get_user_active_org(uuid) (accounts/sql/get_user_active_org.sql; runs as its owner): The organization a
-- person acts for; a choice that no longer holds falls back to the earliest active membership.
-- private.guarded_objects(oid) (tenants/sql/guarded_objects.sql): Lists what stands on a table and its partitions of
-- what a guard is made of, with the SQL that makes and unmakes it.
-- private.is_owner_session() (audit/sql/is_owner_session.sql): Says whether this session acts as the owner: only then
-- do job names and provisioning for a given organization count.
-- private.join_invited(uuid, text, text) (tenants/sql/join_invited.sql; runs as its owner): Makes a person a member by
-- an invitation: by its token, only for the address it was sent to, and only while whoever
-- private.keep_answer(text, text, text) (tenants/sql/keep_answer.sql; runs as its owner): Keeps what a request with an
-- Idempotency-Key was answered, for a day, and clears away a few that are over.
-- private.link_hash(bytea, uuid, bigint, timestamptz, uuid, bytea, timestamptz) (audit/sql/link_hash.sql): Chains one
-- row to those before it; binary forms only, which no setting of the session changes.
-- private.log_event(text, uuid, text, text, jsonb) (audit/sql/log_event.sql; runs as its owner): Logs what is no row
-- change (a sign-in, a switch, a refused access): a name, what it was about, and details.
-- private.may_name_person(uuid) (accounts/sql/may_name_person.sql; runs as its owner): Says whether the acting session
-- may ask about or choose for a person: themselves, or anyone for owner and services.
-- private.open_seal_cursor() (audit/sql/open_seal_cursor.sql): Locks sealing for this transaction and says where to go
-- on; on another server than last time, from the beginning.
-- private.open_vault(uuid, uuid) (tenants/sql/open_vault.sql; runs as its owner): Begins the storing of a credential:
-- holds its connection, and answers which version it will be and the key to use.
-- private.pass_event() (audit/sql/pass_event.sql; runs as its owner): Carries an event from the door view into the
-- log.
-- private.provision_org(uuid, text, text) (tenants/sql/provision_org.sql; runs as its owner): Makes an organization
-- with its first workspace and its owner; look-alike slugs get a random ending until one is free.
-- private.provision_proof(uuid) (tenants/sql/provision_proof.sql): Proves, in a session that is not the owner's, that
-- one of our own functions asked for membership of this organization.
-- private.read_plain_claims(text) (audit/sql/read_plain_claims.sql; runs as its owner): Reads the unsigned claims of a
-- trusted login: whatever is not a JSON object is nobody, and never staff or service.
-- private.redact(jsonb, text[]) (audit/sql/redact.sql): Replaces the values of redacted columns, so that the log says
-- that they changed and never what they were.
-- private.request_bucket(text) (tenants/sql/request_bucket.sql; runs as its owner): Names a client's Idempotency-Key
-- among everybody's: by who is acting, for which organization.
-- private.restore_log_row() (tenants/sql/restore_log_row.sql): Writes one row of a log that is brought back, as it
-- was; only for the organization that this transaction restores.
-- private.retire_seals(date) (audit/sql/retire_seals.sql): Lets the seals of one month go and keeps, for each run of
-- positions, the hash on which the rest of the chain stands.
-- private.revoke_integration_credential(uuid, uuid) (tenants/sql/revoke_integration_credential.sql; runs as its
-- owner): Destroys a credential; the connection stays, revoked, until it is given another. Answers whether there was
-- one.
-- private.rows_without_month() (tenants/sql/rows_without_month.sql; runs as its owner): Counts, up to 100,000, the
-- rows that wait in a DEFAULT partition for a month of their own: for those who watch.
-- private.save_head(private.audit_heads) (audit/sql/save_head.sql): Writes where a chain ends now.
-- private.seal(text) (audit/sql/seal.sql; runs as its owner): Signs a text with the newest key.
-- private.seal_batch(integer) (audit/sql/seal_batch.sql): Seals the next rows of the log that nobody can add to any
-- more: those of transactions older than every running one.
-- private.seal_matches(text, text) (audit/sql/seal_matches.sql; runs as its owner): Says whether a text was signed
-- with one of our keys (HMAC-SHA-256 over built-in sha256: there may be no pgcrypto).
-- private.seal_org(uuid) (audit/sql/seal_org.sql): Seals the rows of one organization that have no seal, but for those
-- of this transaction: a log that was brought back.
-- private.seal_rows(bigint, timestamptz, uuid, bigint, timestamptz, uuid) (audit/sql/seal_rows.sql): Seals the rows of
-- one range that have no seal yet, each chain in the order of transactions, and moves the heads.
-- private.seal_strangers(integer) (audit/sql/seal_strangers.sql): Seals rows whose transaction ids this server has not
-- reached yet: they came with a dump, and are final as they stand.
-- private.session_holds(uuid, uuid) (accounts/sql/session_holds.sql; runs as its owner): Says whether a person may
-- still use a session: neither ended nor run out, and the person not disabled.
-- private.set_user_active_org(uuid, uuid) (accounts/sql/set_user_active_org.sql; runs as its owner): Chooses the
-- organization a person acts for from the next token on; only one they are an active member of.
-- private.slug_from_email(text) (tenants/sql/slug_from_email.sql): Makes a slug of an e-mail's first part, for
-- organizations that nobody has named yet.
-- private.store_integration_credential(uuid, uuid, integer, integer, bytea, text)
-- (tenants/sql/store_integration_credential.sql; runs as its owner): Stores a credential that the application has
-- sealed for this connection and version, in the place of the one before.
-- private.take_purchase(uuid, uuid, numeric, date) (tenants/sql/take_purchase.sql; runs as its owner): Takes an amount
-- off a customer's total, and finds the latest day anew where it was the one that goes.
-- private.uuid_or_null(text) (audit/sql/uuid_or_null.sql): Turns a claim into a UUID, or into NULL where it is none: a
-- malformed claim is nobody, not an error.
-- private.visible_dsos() (tenants/sql/visible_dsos.sql; runs as its owner): Lists the DSOs that the acting person
-- holds an unexpired access row for, in the claims' organization.
-- private.visible_people() (tenants/sql/visible_people.sql; runs as its owner): Lists whom the acting person may see:
-- themselves, and the members of the claims' organization.
-- private.write_log(text, text, text, uuid, jsonb, jsonb) (audit/sql/write_log.sql; runs as its owner): Adds one row
-- to the log, with who, through what and why from the claims; called by triggers only.
-- refuse_log_change() (audit/sql/refuse_log_change.sql): Refuses to change or empty the log, for the owner too; stands
-- on the log and on each of its partitions.
-- set_updated_at() (audit/sql/set_updated_at.sql): Keeps `updated_at`, whoever writes, and leaves it alone when
-- nothing else changed.
-- set_user_active_org(uuid, uuid) (accounts/sql/public_set_user_active_org.sql): The face of
-- private.set_user_active_org() for clients: chooses the organization a person acts for.
-- soft_delete() (tenants/sql/soft_delete.sql; runs as its owner): Turns a DELETE by anyone but the owner into a mark,
-- on the row and on those of its group; arguments: table:column of each.
-- sync_user_profile() (accounts/sql/sync_user_profile.sql; runs as its owner): Makes a person's profile and
-- preferences, and keeps the profile's e-mail in step.
