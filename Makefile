# Tenantry: `make run` and `make test` need Python 3.11+ and make, nothing else. `make help` lists the rest.

.DEFAULT_GOAL := help
.PHONY: help run test torture setup setup-run setup-bench check bench screenshots reset
MAKEFLAGS += --no-print-directory

# Options for pytest: make test ARGS="-k scope"
ARGS ?=
PY := .venv/bin/python

# The first Python on the PATH that is new enough; PYTHON=… chooses another.
FIND_PYTHON = for p in "$(PYTHON)" python3.13 python3.12 python3.14 python3.11 python3 python; do \
	[ -n "$$p" ] && "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$p" && exit 0; \
	done; echo "Tenantry needs Python 3.11 or newer, and there is none on the PATH: install it, or make PYTHON=/path/to/python3" >&2; exit 1

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: setup-run ## start everything on port 8000 (PORT=…) with demo data; Ctrl-C stops all
	@exec $(PY) -m config.run

test: setup ## run the whole suite in parallel (ARGS="-k scope" for pytest)
	@$(PY) -m pytest -n auto --dist loadgroup -q $(ARGS); status=$$?; \
	[ -n "$$DATABASE_URL" ] || $(PY) -m config.embedded release test >/dev/null || true; exit $$status

torture: setup ## kill at random, spoil every rule of the database: for an hour (TENANTRY_SEED=… repeats)
	@TENANTRY_TORTURE=1 $(PY) -m pytest -q -s -o faulthandler_timeout=0 tests/faults tests/attack tests/browser tests/api/test_crossing.py $(ARGS); status=$$?; \
	[ -n "$$DATABASE_URL" ] || $(PY) -m config.embedded release test >/dev/null || true; exit $$status

setup: ## make .venv with everything for development
	@python=$$($(FIND_PYTHON)) && "$$python" bin/make_venv.py requirements-dev.lock

setup-run:
	@python=$$($(FIND_PYTHON)) && "$$python" bin/make_venv.py requirements.lock

check: setup ## lint, format, types, import direction, missing migrations, deployment settings
	@bin/check

setup-bench: setup ## add the libraries that bench/ measures against
	@$(PY) bin/make_venv.py requirements-bench.lock

bench: setup-bench ## run the measurements in bench/: ten minutes on a machine that does nothing else
	@bin/bench

screenshots: setup ## take the pictures of docs/images/ anew (needs chromium)
	@$(PY) bin/make_screenshots.py

reset: ## stop the embedded PostgreSQL and delete its data (var/)
	@if [ -x $(PY) ]; then for name in main test; do $(PY) -m config.embedded reset $$name >/dev/null || exit 1; done; fi
	@if [ -n "$$TENANTRY_VAR" ]; then rm -rf "$$TENANTRY_VAR/postgres" "$$TENANTRY_VAR/static"; else rm -rf var; fi
	@echo "Stopped, and all data deleted."
