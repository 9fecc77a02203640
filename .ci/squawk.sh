#!/usr/bin/env bash
# Lints the SQL of every migration of ours with squawk.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Left out, each for a reason; the rest must pass.
excluded=(
    prefer-robust-stmts      # Django runs a migration once and records it; IF NOT EXISTS would hide drift
    prefer-bigint-over-int   # small counters are small
    prefer-identity          # Django's own tables
    require-timeout-settings # lock_timeout comes with the connection of `manage.py migrate`
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python .ci/migration_sql.py "$folder"
rules=$(IFS=,; echo "${excluded[*]}")
.venv/bin/squawk --pg-version=15.0 --exclude="$rules" "$folder"/*.sql
