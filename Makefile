# Two commands matter: `make play` and `make test`. Both set up what they need and are quick the second time.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
# On a terminal pip shows its progress; in a log it stays quiet.
PIP := $(BIN)/pip install $(if $(MAKE_TERMOUT),,--quiet) --disable-pip-version-check
FAILED := echo "pip could not install everything; its last lines say what and why. Mend that and run make again." >&2; exit 2;
CODE := sirenade synth training ui tests benchmarks scripts
TORCH := $(shell grep '^torch==' constraints.txt)

export PYTHON

.DEFAULT_GOAL := help
.PHONY: help play test lint unit fuzz bench demo maps format clean system-play system-test

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

play: system-play $(VENV)/.base ## Set up, then open the app (without a display: play the demonstration into demo.wav)
	@scripts/play.sh

test: system-test $(VENV)/.dev ## Set up, then run every check and test
	@$(MAKE) --no-print-directory lint unit

lint: $(VENV)/.dev ## Style, types and the import contract
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

unit: $(VENV)/.dev ## All tests (narrow down with ARGS="tests/synth -k pad")
ifeq ($(strip $(ARGS)),)
# First what may run side by side; what is judged by the clock has the machine for itself.
	@OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --ignore tests/e2e; first=$$?; \
	$(BIN)/pytest tests/e2e && exit $$first
else
	$(BIN)/pytest $(ARGS)
endif

fuzz: $(VENV)/.dev ## Ten thousand damaged inputs of each kind instead of three hundred (hours)
	FUZZ_CASES=10000 $(BIN)/pytest --timeout 0 tests/fuzz $(ARGS)

bench: $(VENV)/.dev ## How many voices fit on this machine (quick form with ARGS=--quick)
	$(BIN)/sirenade bench voices $(ARGS)

demo: $(VENV)/.dev ## Compose the bundled demonstration anew
	$(BIN)/python scripts/make_demo.py

maps: $(VENV)/.dev ## Write the packages' maps (README.md) from their docstrings
	@$(BIN)/python scripts/make_maps.py

format: $(VENV)/.dev ## Format the code and sort imports
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

clean: ## Remove the virtual environment, caches and demo.wav
	rm -rf $(VENV) .ruff_cache .mypy_cache .pytest_cache .hypothesis .import_linter_cache build dist test-output demo.wav
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

system-play:
	@scripts/system-packages.sh play

system-test:
	@scripts/system-packages.sh test --required

$(BIN)/python:
	@python=$$(scripts/find-python.sh) && echo "Creating $(VENV) with $$python" && \
	{ "$$python" -m venv --clear $(VENV) || { rm -rf $(VENV); echo "The virtual environment could not be made; on Debian and Ubuntu it needs the package python3-venv." >&2; exit 2; }; }

$(VENV)/.base: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what playing needs (a minute or two, the first time only)"
	@$(PIP) --editable . --constraint constraints.txt || { $(FAILED) }
	@touch $@

# PyTorch first and by itself: where a small build of it is at hand, pip then takes that one.
$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what training and tests need (some minutes, the first time only)"
	@$(PIP) "$(TORCH)" --constraint constraints.txt || { $(FAILED) }
	@$(PIP) --editable '.[dev]' --constraint constraints.txt || { $(FAILED) }
	@touch $@ $(VENV)/.base
