# Everything here works on a machine that has python3 (3.11 or later), make and a package manager.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# A browser is installed only once there are tests that drive one.
TEST_PROGRAMS := postgresql $(if $(wildcard tests/browser),chromium)
ARGS ?=

.PHONY: bench scale help setup setup-dev serve demo test check format docs lock clean

help: ## Show this list
	@echo "MDScripts provisioning. Start with:  make demo"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## Create .venv from requirements.lock (done for you by demo and serve)

setup-dev: .venv/ready-for-tests ## The same with the tools for tests and checks (done for you by test and check)

demo: .venv/ready ## Start a sample clinic on 127.0.0.1:8000 and watch Okta provision it
	@$(BIN)/mdscripts demo $(ARGS)

serve: .venv/ready ## Bring the database up to date and serve it (settings: MDSCRIPTS_*)
	@$(BIN)/mdscripts migrate
	@$(BIN)/mdscripts serve $(ARGS)

test: .venv/ready-for-tests ## Check everything and run every test, PostgreSQL included (ARGS="tests/scim -k filter" for some)
	@tools/system_packages.sh $(TEST_PROGRAMS)
	@$(MAKE) check
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/ready-for-tests ## Lint, format, types, import contracts, generated documentation
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tools.generate_docs --check

format: .venv/ready-for-tests ## Let ruff rewrite what it can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: .venv/ready-for-tests ## Write the generated pages of docs/reference again
	@$(BIN)/python -m tools.generate_docs

bench: .venv/ready-for-tests ## Measure request rates on both databases beside scim2-server (about 4 minutes)
	@tools/system_packages.sh postgresql wrk
	@$(BIN)/python -m tools.benchmark $(ARGS)

scale: .venv/ready-for-tests ## Measure what size costs: a group of 20,000, 100,000 people paged through (about 2 minutes; ARGS=--pages for Admin Home)
	@tools/system_packages.sh postgresql
	@$(BIN)/python -m tools.scale $(ARGS)

lock: ## Resolve the dependencies of pyproject.toml again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev pyproject.toml -o requirements-dev.lock -c requirements.lock

clean: ## Remove the environment, caches and the demo's data
	rm -rf .venv .system demo demo-* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: requirements.lock pyproject.toml tools/environment.sh
	@tools/environment.sh requirements.lock
	@touch $@

.venv/ready-for-tests: requirements-dev.lock pyproject.toml tools/environment.sh
	@tools/environment.sh requirements-dev.lock
	@touch .venv/ready $@
