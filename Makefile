# Every task of this checkout. `make` alone explains them.
# Needs python3 (3.11 or newer), python3-venv and make; uses uv where it is installed.

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tasks never touch the data folder of whoever calls them.
export BURSAR_HOME := $(CURDIR)/var/tasks
export DJANGO_SETTINGS_MODULE := bursar.project.settings
unexport DATABASE_URL

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-engines lint check fix bench docs clean

help: ## Say what there is to do
	@echo "Bursar. Begin with 'make demo': a made-up company in your browser."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.dev $(VENV)/.bursar ## Prepare .venv for work on the code
	@echo "Ready: $(BIN)/bursar --help"

demo: $(VENV)/.runtime $(VENV)/.bursar ## Build the demo company and serve it (PORT=8000)
	@$(BIN)/bursar demo --home var/demo --port $(PORT)

test: $(VENV)/.dev $(VENV)/.bursar ## Run all tests, on SQLite and on a private PostgreSQL
	@.ci/test

test-engines: $(VENV)/.dev $(VENV)/.bursar ## Run the same model on DuckDB, PostgreSQL and Spark
	@.ci/test-engines

lint: $(VENV)/.dev $(VENV)/.bursar ## Check format, style, types, room order and migrations
	@.ci/lint

check: lint test ## Everything that a change must pass

fix: $(VENV)/.dev ## Format the code and mend what can be mended by machine
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev $(VENV)/.bursar ## Measure against the goals (ROWS=1000000 for a quick look)
	$(BIN)/python -m bench

docs: $(VENV)/.dev $(VENV)/.bursar ## Write the generated reference again
	$(BIN)/python docs/generate

clean: ## Remove the demo, the tests' leftovers and .venv
	rm -rf var $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# The stamps are older than a lock only when the lock changed.
$(VENV)/.made:
	@.ci/install venv
	@touch $@

$(VENV)/.runtime: requirements.lock | $(VENV)/.made
	@test -f $(VENV)/.dev || .ci/install lock requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/.made
	@.ci/install lock requirements-dev.lock
	@touch $@

$(VENV)/.bursar: pyproject.toml | $(VENV)/.made
	@.ci/install bursar
	@touch $@
