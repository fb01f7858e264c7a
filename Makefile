# Everything needs Python 3.11 or newer and make, nothing else. `make help` lists the commands.

.DEFAULT_GOAL := help
.PHONY: help run setup test lint chaos shift bench migration lock clean
.SUFFIXES:
MAKEFLAGS += --no-print-directory

# The first Python here that is new enough; another: make run PYTHON=/path/to/python3
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$name >/dev/null 2>&1 && \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)
TOOLS = $(or $(PYTHON),$(error waba-console needs Python 3.11 or newer. Install it, or name it: make run PYTHON=/path/to/python3)) -m tools
VENV_PYTHON = .venv/bin/python

# More for pytest, for example: make test ARGS="tests/graph -k timeout"
ARGS ?=

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s%s\n", $$1, $$2 }' Makefile

run: ## Set up what is missing, start everything (PORT=5000 SANDBOX_PORT=5001 HOST=127.0.0.1 DEMO=1)
	@$(TOOLS) run

setup: ## Install everything for developing: packages, test servers, front-end files, public clients
	@$(TOOLS) setup

test: ## Set up and run the tests (ARGS="tests/graph -k timeout" for some of them)
	@$(TOOLS) setup
	@$(VENV_PYTHON) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: ## Style, types and pages: ruff, mypy, djlint
	@$(TOOLS) setup
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy
	@$(VENV_PYTHON) -m djlint --lint --quiet app/templates

chaos: ## Everything goes wrong for a while (ARGS="--seed 7 --minutes 30 --database postgresql")
	@$(TOOLS) setup
	@$(VENV_PYTHON) -m tests.chaos $(ARGS)

shift: ## Three agents in real browsers, a bot, ten customers, a failing Meta (ARGS="--minutes 30 --seed 7")
	@$(TOOLS) setup
	@$(VENV_PYTHON) -m tests.shift $(ARGS)

bench: ## Measure against the goals in docs/performance.md
	@$(TOOLS) setup
	@$(VENV_PYTHON) -m bench $(ARGS)

migration: ## Write a migration from the changed models (m="what it does")
	@$(if $(m),,$(error Say what it does: make migration m="add canned replies"))$(TOOLS) setup
	@$(VENV_PYTHON) -m flask --app wsgi db upgrade
	@$(VENV_PYTHON) -m flask --app wsgi db migrate --message "$(m)"

lock: ## Resolve versions anew after a change in requirements/*.in or a package.json (UPGRADE=1 for the newest)
	@$(TOOLS) lock $(if $(UPGRADE),--upgrade)

clean: ## Remove what was installed and cached; instance/ with its data and keys stays
	@rm -rf .venv node_modules tests/sandbox/clients/node/node_modules app/static/vendor .setup.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
	@rm -rf htmlcov test-results .coverage .coverage.*
