# `make report` and `make test` are the whole set-up; the rest is for working on the project.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: report test test-long smoke lint lab hooks bench lock clean

report: $(STAMP)
	$(BIN)/pilot run

# Tests run side by side, so each keeps to one thread.
test test-long smoke: export OPENBLAS_NUM_THREADS := 1

test: $(STAMP)
	$(PYTEST) -m "not long"

# What is long by nature: a run killed at twenty moments, jobs, the committed run made again.
test-long: $(STAMP)
	$(PYTEST) -m long

smoke: $(STAMP)
	$(PYTEST) -m "not slow and not long"

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify notebooks/*.ipynb

# make lab SCENARIO=params/no_remote_weeks.yml opens them with a scenario's parameters.
lab: $(STAMP)
	$(BIN)/pilot lab $(SCENARIO)

# For those who commit: hooks that refuse exports and strip outputs, and readable notebook diffs.
hooks: $(STAMP)
	$(BIN)/pre-commit install
	git config diff.jupyternotebook.command "$(BIN)/git-nbdiffdriver diff"
	git config merge.jupyternotebook.driver "$(BIN)/git-nbmergedriver merge %O %A %B %L %P"

bench: $(STAMP)
	$(BIN)/python benchmarks/run_all.py

# Needs uv; only to move versions. The index address stays out of the lock.
lock:
	uv pip compile pyproject.toml --extra dev --universal --fork-strategy fewest \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --allow-unsafe \
	  --custom-compile-command "make lock" -o requirements.lock

clean:
	rm -rf $(VENV) data/raw/*.csv data/raw/truth.json data/processed/*.parquet

# pip compiles bytecode while installing; without it every kernel spends seconds on imports.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)
