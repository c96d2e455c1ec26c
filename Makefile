# make up      the whole system on this machine, in the foreground
# make test    lint, types, console checks, then the tests (CI=true: the slow ones too)
# make test-all    the same with the slow tests
# make fuzz    every decoder and conversation, a minute each (ARGS="jt808 --seconds 600")
# make lint types bench sim lock    as they say
#
# Needs Python 3.11 or newer with venv, make and git. Everything else goes to .venv and .tools.

.DELETE_ON_ERROR:
.PHONY: up test test-all lint types web pytest bench sim fuzz lock

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	{ command -v $$p; break; }; done)
UV ?= $(shell command -v uv || echo .tools/uv/bin/uv)
# The interpreter is the one found above: uv is not to fetch another.
export UV_PYTHON_DOWNLOADS := never

# With the test packages once they were asked for, so that `up` after `test` removes nothing.
LOCK = requirements$(if $(wildcard $(VENV)/.with-test),-test,).lock
SELECT := $(if $(filter true,$(CI)),,-m 'not slow')
WEB_SOURCES := hatch_build.py $(shell find server/web -name node_modules -prune -o -type f -print)

up: $(VENV)/.installed
	$(BIN)/guitu up $(ARGS)

test: lint types web pytest

test-all:
	$(MAKE) test SELECT=

pytest: $(VENV)/.installed-test
	$(BIN)/pytest $(SELECT) $(ARGS)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(VENV)/.installed-test
	$(BIN)/mypy
	$(BIN)/mypy tests

NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix server/web
# Node's own list of authorities knows no site's proxy; the system's does.
export NODE_USE_SYSTEM_CA := 1

# npm writes this file; the build hook may have installed already.
MODULES := server/web/node_modules/.package-lock.json

web: $(MODULES)
	$(NPM) run check
	$(NPM) test

$(MODULES): server/web/package-lock.json | $(VENV)/.installed-test
	$(NPM) ci --ignore-scripts --no-audit --no-fund
	@touch $@

bench: $(VENV)/.installed
	$(BIN)/guitu bench $(or $(ARGS),--help)

sim: $(VENV)/.installed
	$(BIN)/guitu sim $(or $(ARGS),--help)

fuzz: $(VENV)/.installed-fuzz
	$(BIN)/python -m benchmarks.fuzz $(ARGS)

# Versions and hashes, no download address: an air-gapped site's mirror serves them.
LOCKING = $(UV) pip compile pyproject.toml --universal --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --quiet
lock: | $(UV)
	$(LOCKING) --output-file requirements.lock
	$(LOCKING) --extra test --output-file requirements-test.lock
	$(LOCKING) --extra fuzz --output-file requirements-fuzz.lock

$(VENV)/.installed: requirements.lock pyproject.toml $(WEB_SOURCES) | $(VENV)/bin/python
	$(UV) pip sync --quiet --python $(BIN)/python $(LOCK)
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.installed-test: requirements-test.lock requirements.lock pyproject.toml $(WEB_SOURCES) | $(VENV)/bin/python
	@touch $(VENV)/.with-test
	$(UV) pip sync --quiet --python $(BIN)/python requirements-test.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(VENV)/.installed $@

# Added to what is there: the fuzzing engine beside the test packages does no harm.
$(VENV)/.installed-fuzz: requirements-fuzz.lock $(VENV)/.installed
	$(UV) pip install --quiet --python $(BIN)/python --requirement requirements-fuzz.lock
	@touch $@

$(VENV)/bin/python: | $(UV)
	$(UV) venv --quiet --python "$(PYTHON)" $(VENV)

.tools/uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing: apt-get install python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv .tools/uv
	.tools/uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<1'
