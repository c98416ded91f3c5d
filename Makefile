# `make report` and `make test` are the whole set-up; the rest is for working on the project.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: report test smoke lint lab bench lock clean

report: $(STAMP)
	$(BIN)/pilot run

test: $(STAMP)
	$(BIN)/python -m pytest -n auto

smoke: $(STAMP)
	$(BIN)/python -m pytest -n auto -m "not slow"

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify notebooks/*.ipynb

lab: $(STAMP)
	$(BIN)/jupyter lab notebooks

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
