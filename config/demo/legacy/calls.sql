-- Agents, and the calls they make.
create table legacy.agents (
    id uuid primary key default gen_random_uuid(),
    owner_id bigint not null references legacy.users,
    name text not null,
    voice_id text references legacy.voice_options,
    updated_at timestamptz not null default now()
);
create table legacy.agent_configurations (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    agent_id uuid not null references legacy.agents on delete cascade,
    settings jsonb not null default '{}'
);
create table legacy.phone_assistants (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    agent_id uuid references legacy.agents on delete set null,
    greeting text not null
);
create table legacy.calls (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    agent_id uuid references legacy.agents on delete set null,
    direction text not null check (direction in ('in', 'out')),
    phone text not null,
    started_at timestamptz not null,
    seconds integer not null default 0,
    minutes numeric generated always as (round(seconds / 60.0, 1)) stored,
    updated_at timestamptz not null default now()
);
create index calls_user on legacy.calls (user_id, started_at desc);
create trigger touch before update on legacy.calls for each row execute function legacy.touch();
create table legacy.call_logs (
    id bigint generated always as identity primary key,
    user_id bigint references legacy.users on delete set null,
    call_id bigint references legacy.calls on delete cascade,
    level text not null,
    message text not null,
    created_at timestamptz not null
);
create index call_logs_call on legacy.call_logs (call_id);
create table legacy.call_tracking (
    call_id bigint primary key references legacy.calls on delete cascade,
    source text not null,
    converted boolean not null
);
create table legacy.recording_upload_queue (
    id bigint generated always as identity primary key,
    call_id bigint not null references legacy.calls on delete cascade,
    state text not null default 'waiting',
    attempts integer not null default 0
);
create table legacy.hallucination_flags (
    id bigint generated always as identity primary key,
    call_id bigint not null references legacy.calls on delete cascade,
    excerpt text not null
);
create table legacy.sentiment_analysis (
    id uuid primary key default gen_random_uuid(),
    user_id bigint not null references legacy.users,
    call_id bigint not null references legacy.calls on delete cascade,
    score real not null
);
create table legacy.user_active_calls (
    call_id bigint primary key references legacy.calls on delete cascade,
    user_id bigint not null references legacy.users
);
create materialized view legacy.calls_per_day as
    select user_id, started_at::date as day, count(*) as calls, sum(seconds) as seconds
    from legacy.calls group by 1, 2;
