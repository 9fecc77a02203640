-- Money, usage, and what the law wants to be written down.
create table legacy.payments (
    id uuid primary key default gen_random_uuid(),
    user_id bigint not null references legacy.users,
    amount numeric(10, 2) not null,
    paid_at timestamptz not null
);
create table legacy.payment_events_log (
    id bigint generated always as identity primary key,
    payment_id uuid not null references legacy.payments on delete cascade,
    event text not null
);
create table legacy.billing_cycles (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    starts_on date not null,
    unique (user_id, starts_on)
);
create table legacy.credit_transactions (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    amount integer not null
);
create table legacy.usage_events (
    id bigint generated always as identity,
    user_id bigint not null references legacy.users,
    kind text not null,
    happened_at timestamptz not null,
    primary key (id, happened_at)
) partition by range (happened_at);
create table legacy.usage_events_2025 partition of legacy.usage_events for values from ('2025-01-01') to ('2026-01-01');
create table legacy.usage_events_2026 partition of legacy.usage_events for values from ('2026-01-01') to ('2027-01-01');
create table legacy.usage_events_other partition of legacy.usage_events default;
-- No key at all: there are such tables.
create table legacy.usage_records (
    user_id bigint not null references legacy.users,
    day date not null,
    minutes integer not null
);
create table legacy.compliance_audit_logs (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    entry text not null,
    happened_at timestamptz not null
);
create table legacy.consent_records (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    contact_id bigint references legacy.contacts on delete set null,
    given boolean not null
);
create table legacy.onboarding_events (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    step text not null
);
create table legacy.notification_templates (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    name text not null,
    body text not null
);
create table legacy.notification_history (
    id bigint generated always as identity primary key,
    user_id bigint not null references legacy.users,
    template_id bigint references legacy.notification_templates on delete set null,
    sent_at timestamptz not null
);
create table legacy.notification_rate_limits (
    user_id bigint not null references legacy.users,
    channel text not null,
    sent integer not null default 0,
    primary key (user_id, channel)
);
