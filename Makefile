# Counterfoil. Every target does its own set-up; options go on with ARGS='...'.
.DEFAULT_GOAL := help
.PHONY: help setup up demo run services services-stop quick test test-eventstoredb test-stripe check lint types arch bench relevance mutate secrets audit shots vitals fuzz torture lock clean
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, ssl, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
ARGS ?=
URI ?=
KEY ?=
CONTRACT := $(patsubst %,tests/infra/eventstore/test_%.py,appending copying following factory hash_chain processes recognising restoring)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.done ## Make the virtual environment with everything pinned in requirements.lock

$(VENV)/.done: requirements.lock pyproject.toml
	@python='$(PYTHON)'; \
	[ -n "$$python" ] || { echo "Counterfoil needs Python 3.11 or newer with venv. On Debian: apt-get install python3 python3-venv" >&2; exit 2; }; \
	echo "Setting up $(VENV) with $$python (about a minute, once)" >&2; \
	"$$python" -m venv $(VENV)
	@$(BIN)/pip install --quiet --requirement requirements.lock
	@$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

up: setup ## Run the whole shop with embedded parts (Ctrl-C stops it)
	@$(BIN)/counterfoil up $(ARGS)

demo: setup ## Import 92,331 real products, replay real baskets as orders, prove the result
	@$(BIN)/counterfoil demo $(ARGS)

run: setup ## Run one part: make run ARGS=write-api
	@$(BIN)/counterfoil run $(ARGS)

services: setup ## Start Redis, Kafka, a schema registry and OpenSearch without Docker; ARGS='redis kafka' for some
	@$(BIN)/counterfoil services start $(ARGS)

services-stop: setup ## Stop exactly those
	@$(BIN)/counterfoil services stop $(ARGS)

quick: lint types arch ## Formatting, types, imports and the tests that need no server, in under a minute
	@$(BIN)/python -m tests.run --quick $(ARGS)

test: setup ## Run every test (it starts the servers it needs) and check the coverage
	@$(BIN)/python -m tests.run $(ARGS)

test-eventstoredb: setup ## The contract of event stores against a real EventStoreDB: URI='esdb://localhost:2113?Tls=false'
	@[ -n "$(URI)" ] || { echo "Say which server: make test-eventstoredb URI='esdb://localhost:2113?Tls=false'" >&2; exit 2; }
	@COUNTERFOIL_TEST_EVENTSTOREDB='$(URI)' $(BIN)/python -m pytest -k 'eventstoredb and not model' $(CONTRACT) $(ARGS)

test-stripe: setup ## The contract of payment gateways against Stripe in test mode: KEY=sk_test_...
	@[ -n "$(KEY)" ] || { echo "Say with which key for tests: make test-stripe KEY=sk_test_..." >&2; exit 2; }
	@COUNTERFOIL_TEST_STRIPE_KEY='$(KEY)' $(BIN)/python -m pytest tests/infra/payments/contract $(ARGS)

check: lint types arch secrets ## Everything that needs no running server

lint: setup ## Formatting and lint rules
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/python -m tests.lint

types: setup ## mypy, strict
	@$(BIN)/mypy

arch: setup ## Who may import whom
	@$(BIN)/lint-imports --no-logo

torture: setup ## A whole shop under load, killed again and again: ARGS='--minutes 20 --workers 2', or --schedules 100000
	@$(BIN)/python -m tests.torture $(ARGS)

bench: setup ## Measure, print a table, write build/bench.json
	@$(BIN)/python -m tests.load $(ARGS)

mutate: setup ## Plant bugs and list those that no test catches: ARGS='--base HEAD~20', or ARGS=domain/stock
	@$(BIN)/python -m tests.mutation $(ARGS)

secrets: setup ## Look for secrets that must not be in the repository
	@$(BIN)/python -m tests.leaks

audit: ## Look for known vulnerabilities of what is locked (needs the network, so not part of check)
	@$(PYTHON) -m venv build/audit && build/audit/bin/pip install --quiet pip-audit
	@$(PYTHON) tests/audit.py build/audit/bin/pip-audit

shots: setup ## Pictures of every page, in three widths and both themes, in build/: ARGS='--only checkout'
	@$(BIN)/python -m tests.browser.shots $(ARGS)

vitals: setup ## LCP, CLS and INP of pages in Chromium on a slowed processor: ARGS='--runs 5 --slower 6'
	@$(BIN)/python -m tests.browser.vitals $(ARGS)

fuzz: setup ## Throw odd requests and questions at a shop: ARGS='--minutes 30 --seed 7'
	@$(BIN)/python -m tests.hostile $(ARGS)

relevance: setup ## Judge search on the demo's whole catalogue, on both engines: ARGS=--details
	@$(BIN)/python -m tests.relevance $(ARGS)

lock: ## Compile requirements.lock again (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header \
		--extra demo --extra dev --extra services pyproject.toml --output-file requirements.lock

clean: ## Forget what was built; the data folder stays
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
