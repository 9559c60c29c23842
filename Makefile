# Every act of development, local and in CI alike. `make` alone lists them.
#
# Packages come from constraints.txt. What is installed is remembered by stamps inside .venv, so
# that an act reinstalls only after pyproject.toml or constraints.txt changed.

.DEFAULT_GOAL := help
SHELL := /bin/sh
# Two pip runs in one environment would trip over each other under `make -j`.
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMPS := $(VENV)/stamps
PIP := $(PY) -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --constraint constraints.txt
PROJECT_FILES := pyproject.toml constraints.txt
PYTEST := $(PY) -m pytest
# Workers of the quick tests; each gets one BLAS thread, so that two cores are not fought over.
WORKERS ?= 2

.PHONY: help
help: ## Say what there is
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: $(STAMPS)/warm ## Make .venv with newsdesk in it and compile its kernels once

.PHONY: demo
demo: setup ## Train on the embedded sample, print the leaderboard, write the report
	@$(BIN)/newsdesk demo

.PHONY: test
test: setup $(STAMPS)/test $(STAMPS)/clients ## Run the whole suite, the slow tests last
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 \
	    $(PYTEST) -q -m "not slow" -n $(WORKERS) --dist loadfile
	OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2 MKL_NUM_THREADS=2 \
	    $(PYTEST) -q -m slow || [ $$? -eq 5 ] # 5: no test is marked slow

.PHONY: check
check: $(STAMPS)/dev ## Lint, formatting, types, floors, docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pydoclint --quiet src

.PHONY: fix
fix: $(STAMPS)/dev ## Repair what ruff can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: setup $(STAMPS)/test ## Run every benchmark; results go to benchmarks/results/
	@set -e; for file in $$(grep -l '^if __name__ == "__main__":' benchmarks/*.py); do \
	    case "$$file" in benchmarks/gpu*) continue;; esac; \
	    echo "== $$file"; $(PY) "$$file"; done

.PHONY: bench-gpu
bench-gpu: setup $(STAMPS)/test ## Fine-tune on a CUDA device; without one, a smoke run
	$(PY) benchmarks/gpu.py
	$(PY) benchmarks/gpu_ulmfit.py

.PHONY: docs
docs: $(STAMPS)/docs ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

.PHONY: lock
lock: ## Renew constraints.txt with the newest releases that fit together
	@sh .ci/lock

.PHONY: clean
clean: ## Remove caches and built files; .venv and runs/ stay
	rm -rf build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf src/*.egg-info
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The first interpreter that is new enough, named by its path; PYTHON=… overrides.
$(STAMPS)/venv:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        echo "making $(VENV) with $$("$$python" -V)"; \
	        "$$python" -m venv $(VENV) || { \
	            echo "python3 -m venv failed; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
	            exit 1; }; \
	        mkdir -p $(STAMPS) && touch $@ && exit 0; \
	    fi; \
	done; \
	echo "newsdesk needs Python 3.11 or newer; install one, or name it: make PYTHON=/path/to/python" >&2; \
	exit 1

# The build backend comes from constraints.txt too, hence no build isolation.
$(STAMPS)/base: $(STAMPS)/venv $(PROJECT_FILES)
	@echo "installing newsdesk and what it needs; a minute or two the first time"
	@$(INSTALL) setuptools
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

$(STAMPS)/warm: $(STAMPS)/base
	@$(BIN)/newsdesk doctor --warm
	@touch $@

# Clients of other servers, which do not fit together with constraints.txt. Some of them have no
# wheel for some machines; their tests are then skipped.
CLIENTS := tests/integration/clients/requirements.txt
$(STAMPS)/clients: $(STAMPS)/venv $(CLIENTS)
	@echo "installing the clients that 'test' asks the server by"
	@rm -rf $(VENV)/clients
	@$(PY) -m venv $(VENV)/clients
	@$(VENV)/clients/bin/python -m pip --disable-pip-version-check install --quiet \
	    --requirement $(CLIENTS) || { rm -rf $(VENV)/clients; echo "without clients" >&2; }
	@touch $@

$(STAMPS)/test $(STAMPS)/dev $(STAMPS)/docs: $(STAMPS)/base
	@echo "installing what '$(@F)' needs"
	@$(INSTALL) --no-build-isolation --editable '.[$(@F)]'
	@touch $@
