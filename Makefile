# make up      the whole system on this machine, in the foreground
# make test    lint, types, console checks, then the tests (CI=true: the slow ones too)
# make test-all    the same with the slow tests and the exhaustive ones (an hour and more)
# make fuzz    every decoder and conversation, a minute each (ARGS="jt808 --seconds 600")
# make client  the types of the console, from the contract that the server serves
# make sbom    sbom.json: what the product is made of (CycloneDX)
# make audit ADVISORIES=FILE    which of it a downloaded file of advisories (OSV) is about
# make screenshots    docs/screenshots: every screen at three sizes in both languages, simulated people only
# make law     the tables of docs/law.md, after an article, a rule or a test of one changed
# make lint types bench sim lock    as they say
#
# Needs Python 3.11 or newer with venv, make and git. Everything else goes to .venv and .tools.

.DELETE_ON_ERROR:
.PHONY: sbom audit up test test-all lint types client web pytest bench sim fuzz lock law screenshots

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
# A server that GUITU_TEST_DSN names has one pair of roles for all its databases: one at a time there.
WORKERS := $(if $(GUITU_TEST_DSN),0,auto)
SELECT := -m '$(if $(filter true,$(CI)),not exhaustive,not slow and not exhaustive)'
WEB_SOURCES := hatch_build.py $(shell find server/web \( -name node_modules -o -name generated \) -prune -o -type f -print)

up: $(VENV)/.installed
	$(BIN)/guitu up $(ARGS)

test: lint types web pytest

test-all:
	$(MAKE) test SELECT=

pytest: $(VENV)/.installed-test
	$(BIN)/pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile $(SELECT) $(ARGS)

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
CLIENT := server/web/generated
MODULES := server/web/node_modules/.package-lock.json

# Never committed: what the console calls is held to the contract as it is now, by its types.
client: $(MODULES)
	@mkdir -p $(CLIENT)
	PYTHONPATH=. $(BIN)/python -m guitu contract > $(CLIENT)/contract.json
	$(NPM) run client

web: client
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

sbom:
	PYTHONPATH=. $(BIN)/python -m guitu sbom --source . > sbom.json.new
	mv sbom.json.new sbom.json

audit:
	@if [ -z "$(ADVISORIES)" ]; then \
		echo "not audited: no file of advisories; download one (osv.dev, PyPI and npm) and name it: make audit ADVISORIES=FILE"; \
	else PYTHONPATH=. $(BIN)/python -m guitu sbom --source . --advisories $(ADVISORIES); fi

# Looks at every screen as the test does, and keeps the pictures.
screenshots: $(MODULES)
	rm -rf docs/screenshots
	GUITU_SCREENSHOTS=docs/screenshots $(BIN)/pytest --quiet tests/browser/test_screens.py -m slow

law:
	{ sed '/^## Articles that act/,$$d' docs/law.md; \
		PYTHONPATH=. $(BIN)/python -m guitu law --tests tests --markdown; } > docs/law.md.new
	mv docs/law.md.new docs/law.md

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
