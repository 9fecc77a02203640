-- What agents know, and the systems it comes from.
create table legacy.knowledge_base (
    id uuid primary key default gen_random_uuid(),
    user_id bigint not null references legacy.users,
    title text not null
);
create table legacy.knowledge_base_changelog (
    id bigint generated always as identity primary key,
    knowledge_base_id uuid not null references legacy.knowledge_base on delete cascade,
    note text not null,
    changed_at timestamptz not null
);
create table legacy.knowledge_base_documents (
    id uuid primary key default gen_random_uuid(),
    user_id bigint not null references legacy.users,
    knowledge_base_id uuid not null references legacy.knowledge_base on delete cascade,
    file_name text not null
);
create table legacy.knowledge_base_chunks (
    document_id uuid not null references legacy.knowledge_base_documents on delete cascade,
    position integer not null,
    content text not null,
    primary key (document_id, position)
);
create table legacy.embeddings (
    id bigint generated always as identity primary key,
    document_id uuid not null,
    position integer not null,
    vector real[] not null,
    foreign key (document_id, position) references legacy.knowledge_base_chunks on delete cascade
);
create table legacy.kb_sync_log (
    id bigint generated always as identity primary key,
    knowledge_base_id uuid not null references legacy.knowledge_base on delete cascade,
    status text not null,
    synced_at timestamptz not null
);
create table legacy.integrations (
    id uuid primary key default gen_random_uuid(),
    user_id bigint not null references legacy.users,
    provider text not null,
    access_token text,
    settings jsonb not null default '{}'
);
create table legacy.user_twilio_subaccounts (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    sid text not null unique
);
create table legacy.customer_twilio_keys (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    label text not null,
    secret text not null
);
create table legacy.telephony_audit_log (
    id bigint generated always as identity primary key,
    user_id bigint references legacy.users on delete set null,
    event text not null,
    happened_at timestamptz not null
);
