# Two commands on a fresh machine: `make demo` and `make test`. Both set themselves up.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types layers check quality faults requirements clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

setup: $(READY) ## make .venv with everything pinned (again: nothing to do)

$(READY): requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed and was not found (set PYTHON=/path/to/python3.11).' >&2; exit 1; }
	@echo 'Setting up .venv: fetching and installing what is pinned; how long depends on the network ...'
	@$(PYTHON) -m venv --clear .venv
	@# Everything is pinned, so nothing is resolved: a pip of Python 3.11 warns of extras that it spells otherwise.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip --disable-pip-version-check check >/dev/null || { $(BIN)/python -m pip check; exit 1; }
	@touch $(READY)

demo: $(READY) ## crawl the demo town offline, show its incidents, and open its console (Ctrl+C ends it)
	@$(BIN)/otklik demo $(ARGS)

test: $(READY) ## run every test that this machine can run
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

lint: $(READY) ## ruff: style and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY) ## mypy --strict
	@$(BIN)/mypy

layers: $(READY) ## who may import whom
	@$(BIN)/lint-imports

check: ## lint, types, layers: all three, then whether any failed
	@$(MAKE) --no-print-directory --keep-going lint types layers

RIVALS := .rivals/ready

quality: $(READY) $(RIVALS) ## quality figures, each with its floor and its rival
	@$(BIN)/python -m tests.quality

$(RIVALS): tests/quality/rivals.txt | $(READY)
	@echo 'Fetching what is measured beside Otklik ...'
	@rm -rf .rivals
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --target .rivals -r $<
	@touch $@

faults: $(READY) ## the long runs of seeded faults
	@$(BIN)/python -m pytest -n auto --dist loadgroup -m faults tests $(ARGS)

requirements: $(READY) ## pin again what pyproject.toml asks for
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -c requirements.txt tests/quality/rivals.in -o tests/quality/rivals.txt

clean: ## remove .venv and the installation in var/
	rm -rf .venv .rivals var
