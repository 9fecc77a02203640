-- What everybody shares: no way leads from these tables to a person.
create table legacy.voice_options (
    id text primary key,
    language text not null,
    gender text not null
);
create table legacy.campaign_templates (
    id bigint generated always as identity primary key,
    name text not null,
    script text not null
);
create table legacy.billing_plans (
    code text primary key,
    monthly_price numeric(8, 2) not null
);
create table legacy.pricing_tiers (
    plan_code text not null references legacy.billing_plans,
    from_minutes integer not null,
    price_per_minute numeric(6, 4) not null,
    primary key (plan_code, from_minutes)
);
create table legacy.user_subscriptions (
    id bigint generated always as identity primary key,
    user_id bigint not null unique references legacy.users on delete cascade,
    plan_code text not null references legacy.billing_plans
);
