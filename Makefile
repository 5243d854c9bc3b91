# Every target does its own set-up; only python3 (3.11 or newer) and make are needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PACKAGES := sdk $(sort $(patsubst %/pyproject.toml,%,$(wildcard connectors/*/pyproject.toml)))
# One more than there are cores: some tests wait for a process, a page or a clock.
WORKERS = $(shell $(BIN)/python -c "import os; print((os.cpu_count() or 1) + 1)")
EDITABLE = $(foreach package,$(filter-out sdk,$(PACKAGES)),--editable ./$(package))

.PHONY: help demo site test check format bench clean
help:  ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.ready: constraints.txt $(addsuffix /pyproject.toml,$(PACKAGES))
	@echo "Setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --constraint constraints.txt --editable ./sdk $(EDITABLE)
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@echo "Adding the tools for tests and checks ..."
	@$(PIP) install --constraint constraints.txt --editable './sdk[dev]'
	@touch $@

demo: $(VENV)/.ready  ## See the whole thing work: people from a file become accounts in an app
	@$(BIN)/gallery demo

site: $(VENV)/.ready  ## Look through the catalog as a website, on this machine
	@$(BIN)/gallery site serve

test: $(VENV)/.ready-dev  ## Run the tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: $(VENV)/.ready-dev  ## Format, lint, types, which room may import which, and the catalog
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/gallery catalog build --check

format: $(VENV)/.ready-dev  ## Put the code into the house format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.ready-dev  ## Measure, side by side with peers
	@$(BIN)/python -m benchmarks

clean:  ## Remove what the targets above made
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
