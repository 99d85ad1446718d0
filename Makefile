# Everything runs in .venv, which these targets make and keep up to date.
# Needed: make, and Python 3.11 or newer with its venv module. A C++ compiler is used where
# there is one.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
BUILD_INPUTS := pyproject.toml $(wildcard CMakeLists.txt) $(shell find native -type f 2>/dev/null)

# One thread in each test process: the processes themselves are the parallelism.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
PYTEST := $(ONE_THREAD) $(BIN)/python -m pytest
PYTEST_ARGS ?=
BENCH_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test pure sanitize check format bench docs clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 10

demo: $(VENV)/.installed-demo  ## install, train RNN, GRU and LSTM on embedded data, write a report
	$(BIN)/gatecast lab waves --quick

test: $(VENV)/.installed-dev  ## install what the tests need, run the whole suite and the doctests
	$(PYTEST) --numprocesses=auto --maxprocesses=8 --dist=worksteal $(PYTEST_ARGS)

pure:  ## install without a compiler, and test that NumPy runs
	rm -rf build/pure
	$(PYTHON) -m venv build/pure
	env -u GATECAST_REQUIRE_NATIVE CC=/bin/false CXX=/bin/false \
		build/pure/bin/python -m pip install --quiet --disable-pip-version-check . pytest hypothesis
	cd build/pure && bin/python -c "from gatecast import kernels; found = kernels.info(); \
		assert found['available'] == ['reference'], found; print(found)"
	env -u GATECAST_REQUIRE_ORACLES $(ONE_THREAD) build/pure/bin/python -m pytest -q \
		-p no:cacheprovider tests/kernels --ignore=tests/kernels/native \
		-o pythonpath=. -o addopts="--import-mode=importlib -p pytester"

sanitize: $(VENV)/.installed-dev  ## the compiled kernels' tests under AddressSanitizer and UBSan
	PATH="$(CURDIR)/$(BIN):$$PATH" PYTHON=$(BIN)/python sh native/run_sanitized.sh \
		tests/kernels/native -n 2 -k "not threads and not memory"
	sh native/tests/run_pool_stress.sh

check: $(VENV)/.installed-dev  ## format, lint, types, who imports whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if [ -d native ]; then \
		find native -name '*.[ch]pp' -exec $(BIN)/clang-format --dry-run --Werror {} +; \
	fi

format: $(VENV)/.installed-dev  ## mend what check says about format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@if [ -d native ]; then find native -name '*.[ch]pp' -exec $(BIN)/clang-format -i {} +; fi

bench: $(VENV)/.installed-bench  ## install the peers, measure beside them; BENCH_ARGS=--quick
	$(BIN)/python -m benchmarks.import_time
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

docs: $(VENV)/.installed-dev  ## try every example in docstrings, README.md and the other pages
	$(PYTEST) src tests/docs

clean:  ## remove what the targets made, .venv included
	rm -rf $(VENV) reports build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "gatecast needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "This Python has no venv module; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.installed-demo: $(BUILD_INPUTS) | $(VENV)/.made
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: $(BUILD_INPUTS) | $(VENV)/.made
	$(PIP) --editable . --group dev
	@touch $(VENV)/.installed-demo $@

$(VENV)/.installed-bench: $(BUILD_INPUTS) | $(VENV)/.made
	$(PIP) --editable . --group bench
	@touch $(VENV)/.installed-demo $@
