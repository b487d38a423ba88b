# Undersigned. `make help` lists what there is. Everything happens in .venv, made at the first use from the locked set;
# PYTHON=/path/to/python uses an environment of your own instead, as it is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
# No target is a file but the stamps in .venv, and recipes must not race for it.
.NOTPARALLEL:
.PHONY: help run test check soak format bench screenshots lock messages migration clean browser secrets image-check

VENV := .venv
ifdef PYTHON
PY := $(PYTHON)
RUNTIME :=
DEV :=
else
PY := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
endif

# What make run and tracker up take: HOST, PORT, INSTANCE, DEMO=1.
UP := $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT)) $(if $(INSTANCE),--instance $(INSTANCE)) $(if $(DEMO),--demo)

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 14

run: $(RUNTIME) ## install what is needed and start everything; DEMO=1 PORT=8000 HOST=127.0.0.1 INSTANCE=instance
	@$(if $(DEMO),export SECOND_FACTOR="$${SECOND_FACTOR:-offered}"; )exec $(PY) -m tracker.cli up $(UP)

test: $(DEV) browser ## all checks and all tests, as CI runs them; ARGS="-k words" picks tests, WORKERS=3
	@$(MAKE) --no-print-directory check
	$(PY) -m pytest -n $(or $(WORKERS),3) $(ARGS)

check: $(DEV) ## style, types, layering, templates, message catalogue
	@$(PY) -m mypy & types=$$! # takes longer than all others together, which meanwhile use the other core
	trap 'kill $$types 2>/dev/null || true' EXIT
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	"$(dir $(PY))lint-imports"
	$(PY) -m djlint --check --lint templates
	$(PY) -m tests.support.catalogue
	wait $$types

bench: $(DEV) ## measure and write docs/benchmarks.md; ONLY=pages for one script, QUICK=1 to see that it works
	@$(PY) -m bench $(ONLY) $(if $(QUICK),--quick)

format: $(DEV) ## let ruff mend what it can
	@$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

messages: $(DEV) ## collect the words people see into tracker/translations/messages.pot
	@$(PY) -m tests.support.catalogue --write

migration: $(DEV) ## write a migration from the models: make migration WORDS="add the seals"
	@$(PY) -m tracker.cli migrate --new "$(WORDS)"

screenshots: $(DEV) browser ## take the pictures of README.md anew into docs/screenshots
	@SCREENSHOTS=1 $(PY) -m pytest -q tests/browser/test_screenshots.py

secrets: ## make the folder of secrets that compose.yaml reads, once
	@deploy/compose/secrets.sh secrets

image-check: $(DEV) ## do the steps of the Dockerfile in a fresh folder and run what they make, without an engine
	@$(PY) -m tests.support.image $(or $(FOLDER),$$(mktemp -d))

lock: ## compile requirements*.txt from pyproject.toml, with hashes and without any address
	@$(MAKE) --no-print-directory $(VENV)/.lock
	for extra in "" dev; do
	  $(VENV)/lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-emit-index-url --no-emit-find-links --no-annotate $(if $(UPGRADE),--upgrade) \
	    $${extra:+--extra $$extra --constraint requirements.txt} --output-file requirements$${extra:+-$$extra}.txt
	done

browser: # Chromium from Debian where we may install it; elsewhere the tests look for one and say so loudly
	@if ! command -v chromium chromium-browser google-chrome >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null \
	    || echo "Chromium could not be installed; browser tests will look for another."
	fi

soak: $(DEV) ## kill workers at random for long, and look what became of the mail; SEED=1 MINUTES=10
	@$(PY) -m tests.faults.soak --seed $(or $(SEED),1) --minutes $(or $(MINUTES),10)

clean: ## remove .venv and caches; instance/ stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results build *.egg-info

$(VENV)/bin/python:
	@for candidate in $(BASE_PYTHON) python3 python3.13 python3.12 python3.11; do
	  if command -v "$$candidate" >/dev/null && "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
	    base=$$candidate; break
	  fi
	done
	if [ -z "$${base:-}" ]; then echo "Python 3.11 or newer is needed; on Debian and Ubuntu: apt-get install python3 python3-venv"; exit 1; fi
	if ! "$$base" -c 'import venv, ensurepip' 2>/dev/null; then
	  echo "This Python has no venv module; on Debian and Ubuntu: apt-get install python3-venv"; exit 1
	fi
	echo "Making $(VENV) with $$("$$base" --version)"
	rm -rf $(VENV) && "$$base" -m venv $(VENV)

# The stamps carry the lock they were made from, so a second start takes no time and a new lock is installed once.
$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked requirements (once)"
	# One requirement comes as source; what builds it has to be there first, from the same lock.
	awk '/^setuptools==/ {found = 1} found {print; if (!/\\$$/) exit}' requirements.txt > $(VENV)/build-tools.txt
	$(PY) -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/build-tools.txt
	$(PY) -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --no-build-isolation -r requirements.txt
	$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the locked requirements of development (once)"
	$(PY) -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --no-build-isolation -r requirements-dev.txt
	touch $@

$(VENV)/.lock: | $(VENV)/bin/python
	@$(PY) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install -qq --disable-pip-version-check 'uv>=0.13'
	touch $@
