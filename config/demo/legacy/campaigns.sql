-- Campaigns, and the people they call.
create table legacy.user_phone_numbers (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    number text not null unique
);
create table legacy.campaigns (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    template_id bigint references legacy.campaign_templates,
    name text not null,
    status text not null default 'draft',
    updated_at timestamptz not null default now()
);
create trigger touch before update on legacy.campaigns for each row execute function legacy.touch();
create table legacy.campaign_phone_numbers (
    campaign_id bigint not null references legacy.campaigns on delete cascade,
    phone_number_id bigint not null references legacy.user_phone_numbers on delete cascade,
    user_id bigint not null references legacy.users,
    primary key (campaign_id, phone_number_id)
);
create table legacy.campaign_metrics (
    campaign_id bigint not null references legacy.campaigns on delete cascade,
    day date not null,
    calls integer not null,
    answered integer not null,
    primary key (campaign_id, day)
);
create table legacy.call_lists (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    campaign_id bigint references legacy.campaigns on delete set null,
    name text not null
);
create table legacy.contacts (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    call_list_id bigint references legacy.call_lists on delete set null,
    name text not null,
    phone text not null
);
create table legacy.leads (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    contact_id bigint references legacy.contacts on delete set null,
    stage text not null,
    value numeric(10, 2) not null default 0,
    updated_at timestamptz not null default now()
);
create trigger touch before update on legacy.leads for each row execute function legacy.touch();
create view legacy.open_leads as select * from legacy.leads where stage <> 'closed';
create table legacy.cold_call_logs (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    phone text not null,
    outcome text not null,
    called_at timestamptz not null
);
create table legacy.daily_lead_uploads (
    user_id bigint not null references legacy.users,
    day date not null,
    rows integer not null,
    primary key (user_id, day)
);
create table legacy.imports (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    file_name text not null,
    state text not null
);
create table legacy.outreach_templates (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    name text not null,
    body text not null
);
create table legacy.dnc_list (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    phone text not null,
    unique (user_id, phone)
);
create table legacy.phone_blacklist (
    user_id bigint not null references legacy.users,
    phone text not null,
    reason text,
    primary key (user_id, phone)
);
