# `make report` and `make test` are the whole set-up; the rest is for working on the project.
# A target's line after two # is what `make help` says of it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

# Programs in an environment know its folder: a checkout that was moved or copied installs its own.
# An environment that is only linked here is another checkout's, and stays.
MADE_IN := $(shell test -L $(VENV) || cat $(STAMP) 2>/dev/null)
ifneq ($(MADE_IN),)
ifneq ($(MADE_IN),$(CURDIR))
CLEAR := --clear
$(shell rm -f $(STAMP) $(DEV_STAMP))
endif
endif

.PHONY: help install report examples test test-long smoke lint lab hooks bench release-check site-archive lock clean

# A bare `make` does what most people come for.
report: $(STAMP)  ## simulate, analyse and report everything, into reports/synthetic
	$(BIN)/pilot run

# Eighty schools each, so that it takes some minutes.
examples: report  ## run the pilots that the site sets side by side, and write their answers anew
	$(BIN)/pilot run --evaluation examples/clear_effect
	$(BIN)/pilot run --evaluation examples/no_effect
	$(BIN)/pilot answers reports/synthetic reports/clear_effect reports/no_effect --out examples/answers.csv

install: $(STAMP)  ## install what a run needs, and run nothing

# Tests run side by side, so each keeps to one thread. They start Python hundreds of times, so the
# code is compiled once, also where the environment says not to keep bytecode.
test test-long smoke: export OPENBLAS_NUM_THREADS := 1
test test-long smoke: export PYTHONDONTWRITEBYTECODE :=

test: $(DEV_STAMP)  ## run the tests
	$(PYTEST) -m "not long and not release"

test-long: $(DEV_STAMP)  ## run what is long by nature: kills, jobs, the committed run made again
	$(PYTEST) -m long

smoke: $(DEV_STAMP)  ## run the quick tests
	$(PYTEST) -m "not slow and not long and not release"

lint: $(DEV_STAMP)  ## check format, style, types and stripped notebooks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify notebooks/*.ipynb

# make lab SCENARIO=params/no_remote_weeks.yml opens them with a scenario's parameters.
lab: $(STAMP)  ## open copies of the notebooks on the last run
	$(BIN)/pilot lab $(SCENARIO)

# For those who commit: hooks that refuse exports and strip outputs, and readable notebook diffs.
hooks: $(DEV_STAMP)  ## set git up for those who commit
	$(BIN)/pre-commit install
	git config diff.jupyternotebook.command "$(BIN)/git-nbdiffdriver diff"
	git config merge.jupyternotebook.driver "$(BIN)/git-nbmergedriver merge %O %A %B %L %P"

bench: $(DEV_STAMP)  ## measure the speed
	$(BIN)/python benchmarks/run_all.py

release-check: report $(DEV_STAMP)  ## follow the tutorials in a fresh clone, build wheel and site archive into dist
	$(BIN)/python workflow/release_check.py
	$(BIN)/python -m pytest -m release

site-archive: report  ## pack the site into one archive in dist, to be read without installing
	$(BIN)/python workflow/release_check.py --site

# Only to move versions. The index address stays out of the locks.
LOCKED := $(BIN)/uv pip compile pyproject.toml --extra install --universal --fork-strategy fewest \
  --python-version 3.11 --generate-hashes --no-emit-index-url --allow-unsafe \
  --custom-compile-command "make lock"
lock: $(DEV_STAMP)  ## move versions
	$(LOCKED) -o requirements.lock
	$(LOCKED) --extra dev --constraint requirements.lock -o requirements-dev.lock

help:  ## list what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

clean:  ## remove what was installed and made
	rm -rf $(VENV) data/raw/*.csv data/raw/truth.json data/processed/*.parquet

# What a run loads is compiled once, here. Compiling all that is installed takes twice as long and 190 MB.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --no-compile
# Packages' own tests, C sources and headers, 84 MB that nothing here reads.
TRIM := find $(VENV)/lib -path '*/site-packages/*' \( -type d -name tests -o -type f -name '*.c' -o -type f -name '*.h' -o -type f -name '*.pyx' \) -prune -exec rm -rf {} +
LOADED := import importlib, snakemake.cli, pilot_analysis.runs.warm as warm; [*map(importlib.import_module, warm.LOADED)]

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "pilot-analysis needs Python 3.11 or later; this is $$($(PYTHON) --version 2>&1 | tail -1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing the packages of requirements.lock into $(VENV): about a minute, 1.0 GB"
	@$(PYTHON) -m venv $(CLEAR) $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(TRIM)
	@$(BIN)/python -m compileall -q src
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -c "$(LOADED)"
	@echo "$(CURDIR)" > $(STAMP)

$(DEV_STAMP): requirements-dev.lock $(STAMP)
	@echo "Installing what tests and lint need besides: requirements-dev.lock"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $(DEV_STAMP)
