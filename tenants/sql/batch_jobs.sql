-- Remembers how far each batch job has come; a job saves its cursor here in the transaction that changes its rows.
-- object: table private.batch_jobs
create table if not exists private.batch_jobs (
    job text primary key check (job <> ''),
    cursor jsonb,
    rows bigint not null default 0 check (rows >= 0),
    batch_size integer not null check (batch_size > 0),
    started_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz
);
alter table private.batch_jobs owner to tenantry_owner;
alter table private.batch_jobs enable row level security;
alter table private.batch_jobs force row level security;
drop policy if exists tenantry_owner_all on private.batch_jobs;
create policy tenantry_owner_all on private.batch_jobs to tenantry_owner using (true) with check (true);
revoke all on private.batch_jobs from public;
comment on table private.batch_jobs is 'One row per batch job, locked by the batch that is running. Delete a row to let its job start over.';
comment on column private.batch_jobs.cursor is 'Where the last committed batch ended, in the words of the job''s strategy; null before the first.';
comment on column private.batch_jobs.rows is 'Rows changed so far, by every process together.';
