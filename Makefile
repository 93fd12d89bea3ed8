# Two commands are enough: `make demo` shows what this is, `make test` shows that it works.
# Both bring what they need: the Python environment, a Docker engine, the sandbox images.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
BIN := .venv/bin
STAMP := .venv/stamp
NOW := $(shell date +%Y%m%d-%H%M%S)
AGENTS := oracle naive quitter liar
JOBS ?= 2

.PHONY: help
help: ## say what there is
	@echo 'make TARGET:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: set-up ## set up, then break four agents with known answers in the core trials
	$(BIN)/harness run $(AGENTS:%=-a %) -o runs/demo-$(NOW)

.PHONY: test
test: set-up ## set up, then run every test: pure ones, in a browser, in containers
	@command -v gcc >/dev/null || scripts/packages gcc libc6-dev
	$(BIN)/pytest -m 'not container and not browser' -n $(JOBS)
	@scripts/browser
	$(BIN)/pytest -m browser
	$(BIN)/pytest -m container -n $(JOBS)

.PHONY: fast
fast: $(STAMP) ## run the pure tests only (no containers, no browser, no compiler)
	$(BIN)/pytest -m 'not container and not browser and not compiler'

.PHONY: coverage
coverage: $(STAMP) ## show which lines no test reaches (with container tests, where an engine runs)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m 'not container and not browser' -n $(JOBS)
	if [ -S /var/run/docker.sock ]; then $(BIN)/coverage run -m pytest -m container -n $(JOBS); fi
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

.PHONY: lint
lint: $(STAMP) ## check style and types: Python, JavaScript, CSS, shell, Dockerfiles
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python scripts/shell
	git ls-files '*Dockerfile' | xargs $(BIN)/hadolint
	scripts/web/check

.PHONY: bench
bench: set-up ## measure what the harness and its exec filter cost, on a quiet machine
	$(BIN)/python tests/bench/overhead.py
	$(BIN)/python tests/bench/exec_filter.py
	$(BIN)/python tests/bench/slow_agents.py

.PHONY: errors-bench
errors-bench: $(STAMP) ## measure how well and how quickly errors are named, into docs/errors.md
	$(BIN)/python tests/bench/errors.py --write

.PHONY: blame-bench
blame-bench: set-up ## hold the first wrong steps that are found against planted ones: docs/blame.md
	$(BIN)/python tests/bench/blame.py --jobs $(JOBS)
	$(BIN)/python tests/bench/blame.py --jobs $(JOBS) --containers

.PHONY: validate
validate: set-up ## hold every task, fault and pair to what it claims, in containers
	$(BIN)/harness validate task
	$(BIN)/harness validate fault
	$(BIN)/harness validate pair

.PHONY: set-up
set-up: $(STAMP) ## bring the Python environment, a Docker engine and the images, and no more
	@scripts/engine
	@scripts/base-image
	$(BIN)/harness images build

.PHONY: lock
lock: $(STAMP) ## renew requirements.lock: the newest packages that pyproject.toml allows
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev \
		--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' pyproject.toml --output-file requirements.lock

$(STAMP): pyproject.toml requirements.lock scripts/venv
	@scripts/venv
	@touch $@

.PHONY: format
format: $(STAMP) ## put Python and JavaScript into form
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	scripts/web/check --write

.PHONY: clean
clean: ## remove what killed runs left behind, and all caches (runs/ and .venv stay)
	@if [ -x $(BIN)/harness ]; then $(BIN)/harness clean; fi
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* build dist
	find harness tests -name __pycache__ -type d -prune -exec rm -rf {} +
