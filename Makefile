# Two commands matter: `make demo` sets everything up and starts Kibitz with the demo helpdesk; `make test` sets
# everything up and runs all tests (TRAIN=0 leaves out the extra with torch and its tests).
VENV ?= .venv
PEERS ?= .venv-peers
TRAIN ?= 1
PYTEST_ARGS ?=
# One more than CI has cores: many tests wait for a browser or an engine.
JOBS ?= 3
PY := $(VENV)/bin/python
# Looked up when it is needed, which is after the system's packages are there.
PYTHON = $(shell for p in python3.13 python3.12 python3.11 python3; do \
  $$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
comma := ,
EXTRAS := dev$(if $(filter 1,$(TRAIN)),$(comma)train)
PIP := $(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt

.NOTPARALLEL:
.PHONY: help demo test lint format promises bench bench-quality bench-speed screenshots clean system-run system-test

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make demo          set everything up and start Kibitz beside the built-in demo helpdesk
demo: $(VENV)/.run
	$(VENV)/bin/kibitz demo

## make test          set everything up and run all checks and tests (TRAIN=0: without torch)
test: system-test $(VENV)/.dev-$(TRAIN) lint
	$(PY) -m pytest -n $(JOBS) --dist loadfile $(if $(filter 1,$(TRAIN)),,-m "not train") $(PYTEST_ARGS)

## make lint          ruff, mypy --strict, import rules
lint: $(VENV)/.dev-$(TRAIN)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev-$(TRAIN)
	$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

## make promises      which promises have a test that holds them
promises: $(VENV)/.dev-$(TRAIN)
	$(PY) -m tests.promises

## make bench         speed and memory, printed (ARGS="--sizes 100,10000")
bench: $(VENV)/.dev-$(TRAIN)
	$(PY) -m tests.bench $(ARGS)

## make bench-quality Kibitz beside its peers: how good (ARGS="--only retrieval,macros --write docs/benchmarks.md")
bench-quality: $(VENV)/.dev-$(TRAIN) $(PEERS)/.installed
	$(PY) -m tests.bench.quality --peers $(PEERS)/bin/python $(ARGS)

## make bench-speed   Kibitz beside its peers: how fast (ARGS="--sizes 10000 --write docs/benchmarks.md")
bench-speed: $(VENV)/.dev-$(TRAIN) $(PEERS)/.installed
	$(PY) -m tests.bench.speed --peers $(PEERS)/bin/python $(ARGS)

## make screenshots   take the pictures of the README and the docs again
screenshots: system-test $(VENV)/.dev-$(TRAIN)
	$(PY) -m tests.e2e.picture docs/screenshots/beside.png
	$(PY) -m tests.e2e.picture docs/screenshots/linked.png o-invoice-george --linked
	for name in panel-light panel-dark accounts-light journal-light pairing-light settings-light; do \
	  QT_QPA_PLATFORM=offscreen QT_SCALE_FACTOR=2 $(PY) -m desktop.screenshots docs/screenshots --only $$name; done
	for name in admin-signin-setup agent-signin freshdesk-key admin-reading admin-requests admin-replies admin-delete admin-file; do \
	  QT_QPA_PLATFORM=offscreen QT_SCALE_FACTOR=2 $(PY) -m desktop.screenshots docs/screenshots --only $$name-light && \
	  mv docs/screenshots/$$name-light.png docs/screenshots/$$name.png; done

system-run:
	@.ci/system-packages run

system-test:
	@.ci/system-packages test

$(PY): | system-run
	@test -n "$(PYTHON)" || { echo "Kibitz needs Python 3.11 or newer with venv; say which: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(PY)
	@echo "Installing Python packages into $(VENV), once"
	@$(PIP) -e .
	@touch $@

$(VENV)/.dev-$(TRAIN): pyproject.toml constraints.txt | $(PY)
	@echo "Installing Python packages into $(VENV), once: $(EXTRAS)"
	@$(PIP) -e ".[$(EXTRAS)]"
	@touch $@

# Apart from what Kibitz needs, so that neither decides the other's versions.
$(PEERS)/.installed: tests/bench/peers-requirements.txt | $(PY)
	$(PYTHON) -m venv $(PEERS)
	@echo "Installing the peers into $(PEERS), once"
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) build dist .pytest_cache .mypy_cache .ruff_cache
