# Everything that a user or a developer of Muniment does, one word each. `make help` lists them.
PYTHON ?= python3
# Where torch comes from: the CPU build. Elsewhere than on a machine that already has it at hand, see the README.
TORCH ?= torch==2.13.0
DATA ?= data
FOLDER ?= samples/contracts
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test check ingest serve eval bench conformance clients fuzz clean

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: .venv/.installed ## make .venv with a working `muniment` in it

run: setup ## install, index the sample contracts, and serve them on http://127.0.0.1:8080/mcp
	@$(BIN)/muniment ingest --data $(DATA) --folder $(FOLDER) || test $$? -eq 1
	@$(BIN)/muniment connect --data $(DATA)
	@$(BIN)/muniment serve --data $(DATA)

test: .venv/.tested ## install what testing needs, then lint, types and tests
	@$(MAKE) --no-print-directory check

check: ## lint, strict types and tests, with what is installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

ingest: setup ## bring the index up to date: make ingest FOLDER=/path/to/contracts
	$(BIN)/muniment ingest --data $(DATA) --folder $(FOLDER)

serve: setup ## serve the index on http://127.0.0.1:8080/mcp
	$(BIN)/muniment serve --data $(DATA)

eval: setup ## figures against experts' labels: make eval FOLDER=/path/to/contracts LABELS=/path/to/labels.json
	@test -n "$(LABELS)" || { echo "say where the labels are: make eval FOLDER=/path/to/contracts LABELS=/path/to/labels.json"; exit 2; }
	$(BIN)/muniment ingest --data $(DATA) --folder $(FOLDER) || test $$? -eq 1
	$(BIN)/muniment evaluate --data $(DATA) --labels $(LABELS) --per-category

bench: .venv/.tested ## speed of the index, the readers and the questions
	$(BIN)/python -m scripts.bench

conformance: .venv/.tested ## the official protocol suite against this application; needs npm
	$(BIN)/python -m scripts.check_conformance

clients: .venv/.tested ## real clients of others against this application, in every version of the protocol; needs npm
	$(BIN)/python -m scripts.check_clients

fuzz: .venv/.tested ## every HTTP route of this application, tried by schemathesis with what fits and what does not
	$(BIN)/pip install --quiet --editable '.[dev,fuzz]'
	$(BIN)/python -m scripts.check_fuzz

clean: ## remove the environment, caches and the index of the samples
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis $(DATA)

.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/.tested: .venv/.installed
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@
