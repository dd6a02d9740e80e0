# Two commands on a fresh machine: `make sandbox` and `make test`. Python 3.11 or newer and make are enough.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: sandbox test check lint types layers coverage bench lock judges format clean
.DEFAULT_GOAL := help

help: ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 20

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Muster needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Say which one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.python requirements.lock pyproject.toml
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements-dev.lock pyproject.toml
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

sandbox: $(VENV)/.run ## Run Muster with a local workspace page and a demo service to break
	@$(BIN)/muster sandbox $(ARGS)

test: $(VENV)/.dev ## Run the whole test suite
	$(BIN)/coverage run -m pytest $(ARGS)
	$(BIN)/coverage report --fail-under=100

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

check: lint types layers test ## Lint, types, layers, configuration, tests: what CI calls
	$(BIN)/muster check

bench: $(VENV)/.dev ## Print speed and memory as ratios against baselines of the same run
	$(BIN)/python -m bench $(ARGS)

judges: $(VENV)/.dev ## Install what the outside judges need (npm packages)
	tests/judges/install

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix . || true
	$(BIN)/ruff format .

lock: ## Pin and hash every dependency anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --output-file requirements.lock pyproject.toml --group lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml --group dev

clean:
	rm -rf $(VENV) out build .mypy_cache .ruff_cache .pytest_cache .hypothesis
