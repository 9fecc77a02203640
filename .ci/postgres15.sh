#!/usr/bin/env bash
# Runs a command against a throw-away PostgreSQL 15 from Debian's packages, with DATABASE_URL set, and removes it.
#   .ci/postgres15.sh make test
set -euo pipefail

programs=${PG_PROGRAMS:-/usr/lib/postgresql/15/bin}
[ -x "$programs/initdb" ] || { echo "There is no $programs/initdb: apt-get install postgresql-15" >&2; exit 1; }

# PostgreSQL refuses to run as root; the package brings an account for it.
as_server() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

home=$(as_server mktemp -d /tmp/tenantry-pg15.XXXXXX)
finish() {
    as_server "$programs/pg_ctl" stop -D "$home/data" -m immediate -s >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

as_server "$programs/initdb" -D "$home/data" -U postgres --auth-local=trust --auth-host=reject \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
as_server tee "$home/data/postgresql.auto.conf" >/dev/null <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$home'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
log_min_messages = fatal
SETTINGS
as_server "$programs/pg_ctl" start -D "$home/data" -l "$home/server.log" -w -s
as_server "$programs/psql" -q -h "$home" -d postgres \
    -c 'CREATE ROLE tenantry LOGIN CREATEROLE CREATEDB NOSUPERUSER NOBYPASSRLS' \
    -c 'CREATE DATABASE tenantry OWNER tenantry'
# The folder is the server's; whoever runs the command may reach the socket in it.
as_server chmod 755 "$home"

# The tests dump, restore and kill with the programs of the same release.
PG_PROGRAMS=$programs DATABASE_URL="postgresql://tenantry@/tenantry?host=$home" "$@"
