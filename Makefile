# Everything a developer does, from a fresh checkout: each target brings what it needs.

SHELL := /bin/sh
.DEFAULT_GOAL := help

uv := tools/uv
bin := .venv/bin
sources := src tests bench tools hatch_build.py

# The tests that have a full size, beside those in tests/faults.
also_soaked := tests/deliveries/test_a_claim_reads_little.py tests/webhooks/test_receivers_that_fail.py \
	tests/notifications/test_the_customer_is_written_to_once.py

export UV_NO_PROGRESS := 1
export UV_LINK_MODE := copy

.PHONY: help demo serve test soak screens check format bench lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

demo: .venv/runtime ## a sandbox with believable data, on this machine
	@$(bin)/forecourt demo

serve: .venv/runtime ## a server on the data folder FORECOURT_DATA_DIR
	@$(bin)/forecourt serve

test: .venv/development check ## every check, then every test
	@tools/debian ruby-rack 'ruby -e "require \"rack\""'
	@tools/debian chromium 'chromium --version'
	@tools/axe
	$(bin)/python -m pytest -n 2 --dist loadfile

soak: .venv/development ## the tests of faults at full size: kills, cut connections, mail servers, receivers
	FORECOURT_SOAK=1 $(bin)/python -m pytest -n 0 -s -q --timeout 3600 tests/faults $(also_soaked)

screens: .venv/development ## pictures of every screen, into docs/screens
	@tools/debian chromium 'chromium --version'
	FORECOURT_SCREENS=1 $(bin)/python -m pytest -q -n 0 tests/screens/test_every_screen_can_be_shown.py

check: .venv/development ## style, types, architecture, SQL
	$(bin)/ruff check $(sources)
	$(bin)/ruff format --check $(sources)
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/python tools/check_sql.py

format: .venv/development ## put the code into its format
	$(bin)/ruff check --fix-only $(sources)
	$(bin)/ruff format $(sources)

bench: .venv/development ## the benchmarks, as ratios to named references
	@tools/debian wrk 'wrk --version'
	$(bin)/python -m bench

lock: ## choose the newest versions that fit, and lock them
	$(uv) pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		pyproject.toml -o requirements.lock
	$(uv) pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		-c requirements.lock --group dev --group bench pyproject.toml -o requirements-dev.lock

clean: ## remove what the other targets made
	rm -rf .venv .tools dist .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

# The environment to run in, and what development needs on top of it. The stamps make a second time free.
.venv/runtime: requirements.lock pyproject.toml hatch_build.py frontend/package-lock.json
	@test -e .venv/development || { $(uv) venv --quiet --allow-existing .venv && \
		$(uv) pip sync --quiet --python .venv requirements.lock; }
	@$(uv) pip install --quiet --python .venv --no-deps --editable .
	@touch $@

.venv/development: requirements-dev.lock pyproject.toml hatch_build.py frontend/package-lock.json
	@$(uv) venv --quiet --allow-existing .venv
	@$(uv) pip sync --quiet --python .venv requirements-dev.lock
	@$(uv) pip install --quiet --python .venv --no-deps --editable .
	@touch .venv/runtime $@
